"""From marks by hand to a final mark, and back to the learning platform."""
