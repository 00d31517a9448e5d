# SPDX-License-Identifier: Apache-2.0
"""A Slurm of one node, on free ports of this machine, as the user who runs it; for tests.

It has a munge of its own, with its own key: whoever else is on this machine can neither use nor disturb it. Everything
lies in one folder, and the daemons stay in the foreground, so that their owner can always end them.
"""
import ctypes
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import time

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel")

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

CONFIGURATION = """ClusterName=twin
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
AuthType=auth/munge
CredType=cred/munge
# A job that is put back into the queue waits until its credential has expired: 2 minutes without this.
AuthInfo=socket={folder}/munge.socket,cred_expire=5
SlurmUser={user}
SlurmdUser={user}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
# Nothing of systemd, and no control groups: this also runs in a container.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=100000
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def missing_programs():
    """Which of the programs that it takes are not on this machine."""
    return [name for name in PROGRAMS if shutil.which(name, path=search_path()) is None]


def search_path():
    """Daemons lie where an ordinary user does not look."""
    return os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"


def children():
    return [int(pid) for pid in pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class SlurmCluster:
    """with SlurmCluster(folder) as slurm: ... slurm.call("sbatch", ...)"""

    def __init__(self, folder, cpus=4):
        self.folder = pathlib.Path(folder)
        self.environment = os.environ | {"PATH": search_path(), "SLURM_CONF": str(self.folder / "slurm.conf")}
        # What an outer Slurm has said about its own job means nothing to this one.
        for name in list(self.environment):
            if name.startswith(("SLURM_", "SBATCH_", "SLURMD_")) and name != "SLURM_CONF":
                del self.environment[name]
        self.cpus = cpus
        self.daemons = []
        # What the daemons leave behind becomes ours, to be ended and buried.
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        for name in ("state", "spool"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "munge.key").write_bytes(os.urandom(64))
        (self.folder / "munge.key").chmod(0o600)
        controller_port, node_port = free_ports(2)
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(
            host=socket.gethostname().split(".")[0], controller_port=controller_port, node_port=node_port,
            folder=self.folder, user=pwd.getpwuid(os.geteuid()).pw_name, cpus=self.cpus))
        # Forced: the folder is closed to others, which munged takes for a mistake.
        self.daemon("munged", "--foreground", "--force", f"--key-file={self.folder}/munge.key",
                    f"--socket={self.folder}/munge.socket", f"--pid-file={self.folder}/munged.pid",
                    f"--seed-file={self.folder}/munge.seed", "--num-threads=2")
        self.wait_for("the socket of munged", (self.folder / "munge.socket").exists, 0.02)
        self.daemon("slurmctld", "-D")
        self.daemon("slurmd", "-D")
        self.wait_for("an idle node", lambda: "State=IDLE" in self.call("scontrol", "show", "node").stdout)

    def daemon(self, program, *arguments):
        # They end with their owner, even when that is killed.
        ends_with_us = lambda: self.libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        with open(self.folder / f"{program}.log", "w") as log:
            self.daemons.append(subprocess.Popen([shutil.which(program, path=search_path()), *arguments],
                                                 env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                 start_new_session=True, preexec_fn=ends_with_us))

    def stop(self):
        """Jobs first: a step outlives the daemon that began it."""
        if len(self.daemons) == 3 and not self.fallen():
            self.call("scancel", "--user", str(os.geteuid()))
            deadline = time.monotonic() + 10
            while self.queue() and time.monotonic() < deadline:
                time.sleep(0.1)
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(daemon.pid, signal.SIGKILL)
                daemon.wait()
        self.daemons.clear()
        self.bury(5)

    def bury(self, seconds):
        """Waits for processes that daemons left behind, and ends those of them that do not end by themselves."""
        deadline = time.monotonic() + seconds
        try:
            while True:
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    if time.monotonic() > deadline:
                        for child in children():
                            os.kill(child, signal.SIGKILL)
                    time.sleep(0.02)
        except ChildProcessError:
            pass

    def call(self, *command, environment=(), **options):
        return subprocess.run(command, env=self.environment | dict(environment), capture_output=True, text=True,
                              timeout=60, stdin=subprocess.DEVNULL, **options)

    def fallen(self):
        return [daemon.args[0] for daemon in self.daemons if daemon.poll() is not None]

    def queue(self):
        """Pending and running jobs, an array's tasks one a line."""
        return self.call("squeue", "--noheader", "--array", "--format=%i %T %r").stdout

    def wait_for(self, what, is_so, interval=0.2, seconds=60):
        deadline = time.monotonic() + seconds
        while not is_so():
            if self.fallen() or time.monotonic() > deadline:
                raise RuntimeError(f"no {what}; ended: {self.fallen()}\n{self.logs()}")
            time.sleep(interval)

    def logs(self):
        return "\n".join(f"--- {path.name}\n{path.read_text()[-3000:]}" for path in sorted(self.folder.glob("*.log")))
