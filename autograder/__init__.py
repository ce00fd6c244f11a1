"""A course on diffusion models that grades itself."""

__version__ = "0.1.0"
