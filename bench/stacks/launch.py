"""Runs one command and writes what it took to a file: python3 -S -E launch.py FIGURES GROUP BYTES COMMAND...

A process begins with the peak of the one that started it, so this small one starts those that are measured. GROUP is a
folder of the cgroup the command runs in, or `-`; BYTES a limit on its address space, or 0.
"""

import json
import os
import resource
import sys
import time

figures, group, limit, *command = sys.argv[1:]
begun = time.perf_counter()
child = os.fork()
if child == 0:
    if group != "-":
        with open(os.path.join(group, "cgroup.procs"), "w") as file:
            file.write(str(os.getpid()))
    if int(limit):
        resource.setrlimit(resource.RLIMIT_AS, (int(limit), int(limit)))
    try:
        os.execv(command[0], command)
    except OSError as error:
        print(error, file=sys.stderr)
        os._exit(127)
# Of the command and of the children that it waited for.
_, status, usage = os.wait4(child, 0)
seconds, core = time.perf_counter() - begun, usage.ru_utime + usage.ru_stime
with open(figures, "w") as file:
    json.dump({"wall": seconds, "core": core, "mib": usage.ru_maxrss / 1024, "status": os.waitstatus_to_exitcode(status)}, file)
