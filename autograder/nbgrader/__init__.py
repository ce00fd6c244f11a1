"""The road through nbgrader: notebooks, a course folder, its gradebook."""
