"""What a student runs at work, on the files in place, on any platform: without lock-down and without marks."""

from autograder.student.figure import picture as picture
