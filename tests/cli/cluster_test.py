# SPDX-License-Identifier: Apache-2.0
"""The scripts of examples/cluster do what they say: under GNU parallel, a Slurm of one node, and a Kubernetes job's commands.

usage: cluster_test.py PROGRAM SCRIPT_FOLDER [--mpi PROGRAM_FOR_MPI MPIRUN] [unittest arguments]

What this machine lacks is skipped.
"""
import atexit
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from slurm_cluster import SlurmCluster, missing_programs
from store_test import STUDY, blocks_of

try:
    import yaml
except ImportError:
    yaml = None

PROGRAM = MPI_PROGRAM = MPIRUN = ""
SCRIPTS = pathlib.Path()

# Long enough to be hit while it runs.
LONG_STUDY = re.sub(r"count = (\d+)", lambda found: f"count = {3 * int(found[1])}", STUDY)


def work_folder(case):
    folder = tempfile.TemporaryDirectory(prefix="twin-cluster-")
    case.addCleanup(folder.cleanup)
    return pathlib.Path(folder.name)


def run(*command, code=0, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=120,
                          stdin=subprocess.DEVNULL, **options)
    if done.returncode != code:
        raise AssertionError(f"{command} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done


class References:
    """The blocks of plain sweeps, each made once."""

    kept = {}

    @classmethod
    def blocks(cls, text):
        if text not in cls.kept:
            with tempfile.TemporaryDirectory() as folder:
                (pathlib.Path(folder) / "study.toml").write_text(text)
                run(PROGRAM, "sweep", "study.toml", "--store", "plain.twin", cwd=folder)
                cls.kept[text] = blocks_of(folder + "/plain.twin")
        return cls.kept[text]


class ScriptsTest(unittest.TestCase):
    @unittest.skipUnless(shutil.which("shellcheck"), "no shellcheck on this machine")
    def test_shellcheck_finds_nothing(self):
        scripts = sorted(SCRIPTS.glob("*.sh"))
        self.assertEqual(len(scripts), 3)
        run("shellcheck", *scripts)

    def test_without_arguments_they_say_how_they_are_used(self):
        for script in SCRIPTS.glob("*.sh"):
            self.assertIn("usage: ", subprocess.run([script], capture_output=True, text=True).stderr)


@unittest.skipUnless(shutil.which("parallel"), "no GNU parallel on this machine")
class ParallelTest(unittest.TestCase):
    def setUp(self):
        self.path = work_folder(self)
        (self.path / "my studies").mkdir()
        self.study = self.path / "my studies" / "study.toml"
        self.study.write_text(STUDY)

    def call(self, *arguments, code=0, **environment):
        bare = {name: value for name, value in os.environ.items() if name != "SHELL"}  # as a service has it
        return run(SCRIPTS / "parallel.sh", *arguments, code=code, cwd=self.path, env=bare | environment)

    def test_shards_on_this_machine(self):
        done = self.call("my studies/study.toml", "one store.twin", 3)
        self.assertEqual(done.stdout.count("Best:"), 1)
        self.assertEqual(blocks_of(self.path / "one store.twin"), References.blocks(STUDY))

    def test_a_mistake_in_the_study_is_said(self):
        self.assertIn("nothing.toml", self.call("nothing.toml", "s.twin", 2, code=3).stderr)

    @unittest.skipUnless(shutil.which("rsync"), "no rsync on this machine")
    def test_hosts_that_share_no_folder(self):
        # Each host is a folder on this machine. One of them cannot be reached.
        ssh = self.path / "ssh"
        ssh.write_text('#!/bin/sh\nwhile case "$1" in -l | -o | -p) shift ;; -*) ;; *) false ;; esac; do shift; done\n'
                       f'host=$1; shift; [ "$1" = -- ] && shift\n[ "$host" = down ] && exit 255\n'
                       f'HOME="{self.path}/$host"; export HOME; mkdir -p "$HOME"; cd "$HOME" && echo "$*" >>log\n'
                       'exec sh -c "$*"\n')
        ssh.chmod(0o755)
        (self.path / "hosts").write_text("one\ndown\ntwo\n")
        by_file = re.sub(r"\[factor\].*?(?=\[replicate\])", '[design]\nmethod = "file"\nfile = "d.csv"\n', STUDY, flags=re.S)
        self.study.write_text(by_file)
        (self.path / "my studies" / "d.csv").write_text("buffer.b1.capacity,machine.weld.cycle.mean\n2,41\n4,50\n")
        run(PROGRAM, "sweep", self.study, "--store", "plain.twin", cwd=self.path)

        reached = {"PARALLEL_SSH": str(ssh), "RSYNC_RSH": str(ssh)}
        call = lambda: self.call("my studies/study.toml", "s.twin", 4, "hosts", "my studies/d.csv", **reached)
        call()
        self.assertEqual(blocks_of(self.path / "s.twin"), blocks_of(self.path / "plain.twin"))
        for host in ("one", "two"):
            self.assertEqual(os.listdir(self.path / host), ["log"], "something was left on a host")
        # Once more: nothing goes to the hosts, and what was merged is complete.
        for host in ("one", "two"):
            (self.path / host / "log").unlink()
        shutil.rmtree(self.path / "s.twin")
        call()
        self.assertEqual(blocks_of(self.path / "s.twin"), blocks_of(self.path / "plain.twin"))
        self.assertEqual([host for host in ("one", "two") if (self.path / host / "log").exists()], [])


@unittest.skipIf(missing_programs(), f"no Slurm on this machine: {', '.join(missing_programs())} missing")
class SlurmTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="twin-slurm-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.slurm = SlurmCluster(cls.folder.name + "/slurm", cpus=8)
        cls.addClassCleanup(cls.slurm.stop)
        atexit.register(cls.slurm.stop)  # unittest does not clean up after an interrupt
        cls.slurm.start()

    def setUp(self):
        self.path = work_folder(self)
        self.addCleanup(self.cancel_all)

    def cancel_all(self):
        self.slurm.call("scancel", "--user", str(os.geteuid()))
        self.slurm.wait_for("empty queue", lambda: not self.slurm.queue())

    def write(self, text):
        (self.path / "study.toml").write_text(text)

    def logs(self):
        """What the jobs said, by name."""
        return {path.name: path.read_text() for path in sorted(self.path.glob("*.out"))}

    def submit(self, tasks):
        """The numbers of the array and of the job after it."""
        done = self.slurm.call(SCRIPTS / "slurm_array.sh", "study.toml", "s.twin", str(tasks), cwd=self.path)
        self.assertEqual(done.returncode, 0, done.stderr)
        return re.fullmatch(r"array (\d+), then job (\d+)\n", done.stdout).groups()

    def wait_for_jobs(self):
        self.slurm.wait_for("end of the jobs", lambda: not self.slurm.queue(), seconds=120)

    def assert_complete(self, text):
        self.assertEqual(blocks_of(self.path / "s.twin"), References.blocks(text), self.logs())
        self.assertEqual(list((self.path / "s.twin").rglob("*.tmp")), [])

    def test_array(self):
        self.write(STUDY)
        array, rest = self.submit(5)
        self.wait_for_jobs()
        self.assert_complete(STUDY)
        logs = self.logs()
        self.assertEqual(set(logs), {f"twin-{array}_{task}.out" for task in range(5)} | {f"twin-{rest}.out"})
        self.assertIn("Best:", logs[f"twin-{rest}.out"])
        for task in range(5):
            self.assertIn(f"shard {task}/5: ", logs[f"twin-{array}_{task}.out"])

    def test_a_task_is_requeued_and_another_killed(self):
        self.write(LONG_STUDY)
        array, rest = self.submit(4)
        # Two tasks fit at a time. Each is held when it has made something, so that it has not finished when it is hit.
        held = {}

        def hold():
            for shard in {int(pathlib.Path(name).stem) % 4 for name in blocks_of(self.path / "s.twin")} - set(held):
                held[shard] = self.process_of(f"{shard}/4")
                os.kill(held[shard], signal.SIGSTOP)
            return len(held) == 2

        self.slurm.wait_for("block of two tasks", hold, 0.01)
        requeued, killed = (f"{array}_{shard}" for shard in held)
        self.assertEqual(self.slurm.call("scontrol", "requeue", requeued).stderr, "")
        # By hand: for scancel, signal 9 is an order to cancel, which begins with a polite signal.
        os.kill(list(held.values())[1], signal.SIGKILL)
        self.wait_for_jobs()
        # Only the first came back.
        self.assertRegex(self.slurm.call("scontrol", "show", "job", requeued).stdout, r"Restarts=1\b[^\0]*ExitCode=0:0")
        self.assertRegex(self.slurm.call("scontrol", "show", "job", killed).stdout, r"Restarts=0\b[^\0]*ExitCode=0:9")
        logs = self.logs()
        self.assertIn("shard", logs[f"twin-{requeued}.out"])
        self.assertNotIn("shard", logs[f"twin-{killed}.out"])
        self.assertIn("Best:", logs[f"twin-{rest}.out"])
        self.assert_complete(LONG_STUDY)

    def process_of(self, shard):
        """The number of the process that makes a shard of this test's store."""
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().decode().split("\0")
                if words[0] == "twin" and shard in words and (folder / "cwd").readlink() == self.path:
                    return int(folder.name)
            except OSError:
                continue  # it has ended
        self.fail(f"nobody makes shard {shard}")

    def test_mpi(self):
        if not MPI_PROGRAM:
            self.skipTest("built without MPI")
        is_open_mpi = re.search("Open MPI|OpenRTE", run(MPIRUN, "--version").stdout)
        kind = "pmix" if is_open_mpi else "pmi2"
        if not re.search(rf"\b{kind}\b", self.slurm.call("srun", "--mpi=list").stdout):
            self.skipTest(f"this Slurm does not speak {kind}")
        self.write(STUDY)
        path = os.path.dirname(MPI_PROGRAM) + ":" + self.slurm.environment["PATH"]
        environment = {"SLURM_MPI_TYPE": kind, "PATH": path}
        done = self.slurm.call("sbatch", "--ntasks=2", "--cpus-per-task=1", SCRIPTS / "slurm_mpi.sh", "study.toml", "s.twin",
                               cwd=self.path, environment=environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.wait_for_jobs()
        self.assert_complete(STUDY)
        (log,) = self.logs().values()
        self.assertEqual(log.count("Best:"), 1, log)  # two, if each process had worked for itself


@unittest.skipIf(yaml is None, "no python3-yaml on this machine")
class KubernetesTest(unittest.TestCase):
    """No cluster: the file is read, and the commands of its pods are run with the variables they would have."""

    def setUp(self):
        self.documents = list(yaml.safe_load_all((SCRIPTS / "kubernetes.yaml").read_text()))
        self.jobs = {d["metadata"]["name"]: d["spec"] for d in self.documents if d["kind"] == "Job"}

    def test_its_parts_fit_together(self):
        self.assertEqual([d["kind"] for d in self.documents], ["PersistentVolumeClaim", "Job", "Job"])
        sweep, report = self.jobs["twin-sweep"], self.jobs["twin-report"]
        self.assertEqual(sweep["completionMode"], "Indexed")
        self.assertEqual(str(sweep["completions"]), self.variables(sweep)["SHARDS"])
        self.assertLessEqual(sweep["parallelism"], sweep["completions"])
        self.assertTrue(report["suspend"])
        claim = self.documents[0]["metadata"]["name"]
        self.assertEqual(self.documents[0]["spec"]["accessModes"], ["ReadWriteMany"])
        for job in (sweep, report):
            pod = job["template"]["spec"]
            self.assertEqual(pod["restartPolicy"], "Never")
            volumes = {volume["name"]: volume for volume in pod["volumes"]}
            self.assertEqual(volumes["store"]["persistentVolumeClaim"]["claimName"], claim)
            (container,) = pod["containers"]
            self.assertEqual({mount["name"] for mount in container["volumeMounts"]}, set(volumes))
            for name in ("STUDY", "STORE"):
                value = self.variables(job).get(name)
                if value is not None:
                    self.assertIn(str(pathlib.PurePath(value).parent), [m["mountPath"] for m in container["volumeMounts"]])

    def variables(self, job):
        return {entry["name"]: entry["value"] for entry in job["template"]["spec"]["containers"][0]["env"]}

    def start_pod(self, job, path, **more):
        container = job["template"]["spec"]["containers"][0]
        values = {name: value.replace("/study/", f"{path}/").replace("/store/", f"{path}/")
                  for name, value in self.variables(job).items()}
        return run(*container["command"], *container["args"], env=os.environ | values | more)

    def test_its_commands_give_the_same_blocks(self):
        path = work_folder(self)
        (path / "study.toml").write_text(STUDY)
        sweep = self.jobs["twin-sweep"]
        for index in reversed(range(sweep["completions"])):
            self.start_pod(sweep, path, JOB_COMPLETION_INDEX=str(index))
        self.assertIn("Best:", self.start_pod(self.jobs["twin-report"], path).stdout)
        self.assertEqual(blocks_of(path / "study.twin"), References.blocks(STUDY))

    def test_a_sweep_without_a_good_design_is_no_failure_of_a_pod(self):
        path = work_folder(self)
        one_round = re.sub(r"\[\[refine\]\].*?(?=\[measure\])", "", STUDY, flags=re.S).replace("count = 80", "count = 2")
        (path / "study.toml").write_text(one_round + 'subject_to = ["throughput >= 1000 /h"]\n')
        run(PROGRAM, "sweep", path / "study.toml", "--store", path / "study.twin", code=1)
        self.start_pod(self.jobs["twin-sweep"], path, JOB_COMPLETION_INDEX="3")
        with self.assertRaisesRegex(AssertionError, "ended with 1\n"):
            self.start_pod(self.jobs["twin-report"], path)
        (path / "study.toml").write_text("format = 2\n")
        with self.assertRaisesRegex(AssertionError, "ended with 3\n"):
            self.start_pod(self.jobs["twin-sweep"], path, JOB_COMPLETION_INDEX="3")


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    SCRIPTS = pathlib.Path(sys.argv.pop(1)).resolve()
    if sys.argv[1:2] == ["--mpi"]:
        MPI_PROGRAM, MPIRUN = (os.path.abspath(word) for word in sys.argv[2:4])
        del sys.argv[1:4]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ["PATH"] = os.path.dirname(PROGRAM) + ":" + os.environ.get("PATH", os.defpath)
    unittest.main()
