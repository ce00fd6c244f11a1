"""Let the compiler compute for ever."""

x = "a" * 10**6 * 10**6 * 10**6
y = 10**9999999
