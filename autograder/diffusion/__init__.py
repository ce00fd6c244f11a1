"""The subject's vocabulary: what checks of this course draw, lend and look at."""
