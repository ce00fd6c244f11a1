"""End the process from a thread."""

import os
import threading

threading.Thread(target=os._exit, args=(0,)).start()
raise RuntimeError("GOT " "THROUGH: a thread")
