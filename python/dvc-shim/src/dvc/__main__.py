"""`python -m dvc`: the program itself takes the place of this process."""

import os
import sys

from cairn import find_binary

if __name__ == "__main__":
    os.execv(find_binary(), ["dvc", *sys.argv[1:]])
