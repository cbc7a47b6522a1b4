"""A cap on the memory of what is measured: a cgroup where this user may make one, else a limit on the address space."""

import os
import pathlib

GIB = 1 << 30


class Cap:
    """`group` and `address_space` are what launch.py takes; `kind` says which of them is in force."""

    def __init__(self, gib):
        self.group, self.address_space, self.kind = None, 0, "none"
        if gib is None:
            return
        size = int(gib * GIB)
        for root, key in (("/sys/fs/cgroup", "memory.max"), ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")):
            group = pathlib.Path(root) / f"millrace-bench-{os.getpid()}"
            try:
                group.mkdir()
            except OSError:
                continue
            # Only the kernel makes the file: elsewhere, or where memory is not accounted for, there is none.
            try:
                with open(group / key, "r+") as limit:
                    limit.write(str(size))
            except OSError:
                group.rmdir()
                continue
            self.group, self.kind = group, f"{gib:g} GiB by a cgroup ({key})"
            return
        self.address_space, self.kind = size, f"{gib:g} GiB of address space (no cgroup may be made here)"

    def remove(self):
        if self.group:
            self.group.rmdir()
