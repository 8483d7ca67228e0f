"""`python -m callpolicy`: the same as the command `callpolicy`."""

import sys

from callpolicy.cli import main

sys.exit(main())
