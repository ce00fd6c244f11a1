"""Be root, or a user with groups."""

import os

if 0 in (os.getuid(), os.geteuid(), *os.getresuid(), *os.getresgid()) or os.getgroups() == [0]:
    raise RuntimeError("GOT " "THROUGH: root")
os.setuid(0)
