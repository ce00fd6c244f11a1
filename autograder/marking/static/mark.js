// Keys: a digit moves that item to its next number of points, n skips, Ctrl+Enter keeps and goes on.
"use strict";
const form = document.querySelector("form.mark");
const total = document.querySelector("output");

function items() {
  return [...form.querySelectorAll("fieldset.item")];
}

function add() {
  const chosen = items().map((item) => item.querySelector("input:checked"));
  const sum = chosen.reduce((all, input) => all + (input ? Number(input.value) : 0), 0);
  total.textContent = chosen.every(Boolean) ? String(Math.round(sum * 10000) / 10000) : "–";
}

function turn(item) {
  const choices = [...item.querySelectorAll("input")];
  const at = choices.findIndex((input) => input.checked);
  const next = choices[(at + 1) % choices.length];
  next.checked = true;
  next.focus();
  add();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  } else if (!event.ctrlKey && !event.metaKey && !event.altKey && event.target.tagName !== "TEXTAREA") {
    const item = items()[Number(event.key) - 1];
    if (item) {
      turn(item);
    } else if (event.key === "n") {
      document.querySelector("a.skip").click();
    } else if (event.key === "c") {
      event.preventDefault();
      form.querySelector("textarea").focus();
    }
  } else if (event.key === "Escape" && event.target.tagName === "TEXTAREA") {
    event.target.blur();
  }
});
form.addEventListener("change", add);
add();
