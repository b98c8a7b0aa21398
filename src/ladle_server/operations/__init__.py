"""Operations: takes what processes, database and home are at, gives it to who keeps an eye on them."""

import os

# Set to nothing it is not set, as every setting; prometheus_client, once imported, would count in files of the
# folder "". So it has to go before any module in here is read.
if not os.environ.get("PROMETHEUS_MULTIPROC_DIR", "unset"):
    del os.environ["PROMETHEUS_MULTIPROC_DIR"]
