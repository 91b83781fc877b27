"""LeNet-5: the network, its data, its training and its reading of drawings. Independent of the page."""

import os

# Set before torch is imported, so that its threads do not wait for each other in busy loops. With busy loops, an epoch
# took 73 s instead of 10 while the page was answering on the same cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
