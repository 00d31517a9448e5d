# SPDX-License-Identifier: Apache-2.0
"""The same study by several processes under mpirun: the same bits, also when they are all killed and begin again.

usage: mpi_test.py PROGRAM PROGRAM_FOR_MPI MPIRUN [unittest arguments]
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from store_test import STUDY, blocks_of

TWIN = TWIN_MPI = MPIRUN = ""


class MpiTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        (self.path / "study.toml").write_text(STUDY)
        self.environment = os.environ | {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}

    def mpirun(self, count, *arguments):
        # Of the two common MPIs only Open MPI counts cores, and has the option.
        help_text = subprocess.run([MPIRUN, "--version"], capture_output=True, text=True).stdout
        more = ["--oversubscribe"] if "Open MPI" in help_text or "OpenRTE" in help_text else []
        return [MPIRUN, "-n", str(count), *more, TWIN_MPI, *arguments]

    def run_mpi(self, count, *arguments, code=0):
        done = subprocess.run(self.mpirun(count, *arguments), cwd=self.path, env=self.environment, text=True,
                              capture_output=True, timeout=300, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def reference(self):
        done = subprocess.run([TWIN, "sweep", "study.toml", "--store", "one.twin", "--json"], cwd=self.path,
                              capture_output=True, text=True, check=True)
        return json.loads(done.stdout)["best"], blocks_of(self.path / "one.twin")

    def test_three_processes_give_the_same_blocks(self):
        best, blocks = self.reference()
        done = self.run_mpi(3, "sweep", "study.toml", "--store", "s.twin", "--json", "--threads", "1", "--quiet")
        result = json.loads(done.stdout)  # one process speaks
        self.assertEqual(result["best"], best)
        self.assertEqual(blocks_of(self.path / "s.twin"), blocks)
        self.assertGreater(result["store"]["made"], 0)
        self.assertLess(result["store"]["made"], len(blocks))

    def test_killed_and_resumed(self):
        best, blocks = self.reference()
        for wait in (0.6, 0.9):
            job = subprocess.Popen(self.mpirun(3, "sweep", "study.toml", "--store", "s.twin", "--threads", "1"),
                                   cwd=self.path, env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            time.sleep(wait)
            os.killpg(job.pid, signal.SIGKILL)
            job.wait()
            time.sleep(0.2)
        there = blocks_of(self.path / "s.twin") if (self.path / "s.twin").exists() else {}
        self.assertEqual(there, {name: blocks[name] for name in there})
        if not there:
            self.run_mpi(2, "sweep", "study.toml", "--store", "s.twin", "--quiet")
        done = self.run_mpi(2, "resume", "s.twin", "--json", "--quiet")
        self.assertEqual(json.loads(done.stdout)["best"], best)
        self.assertEqual(blocks_of(self.path / "s.twin"), blocks)

    def test_mistakes_end_all_processes(self):
        self.assertIn("--store", self.run_mpi(2, "sweep", "study.toml", code=2).stderr)
        self.assertIn("nothing.toml", self.run_mpi(2, "sweep", "nothing.toml", "--store", "s.twin", code=3).stderr)
        self.run_mpi(2, "sweep", "study.toml", "--store", "s.twin", "--shard", "0/2", code=2)


if __name__ == "__main__":
    TWIN, TWIN_MPI, MPIRUN = (os.path.abspath(sys.argv.pop(1)) for _ in range(3))
    unittest.main()
