"""LeNet-5: the network, its data, its training and its reading of drawings. Knows of no screen."""

import os

# torch's threads wait for each other by spinning unless this is set before torch is imported. Where anything else
# uses the cores, a page that answers while it trains for one, that made an epoch take 73 s instead of 10.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
