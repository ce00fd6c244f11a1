"""Hide code behind an odd encoding."""

# -*- coding: utf-7 -*-
import os
