"""Work that may take forever, done in a process of its own, so that it can be ended.

Computer algebra has no idea beforehand of how long it will take, and cannot be stopped from inside
at any line without leaving its caches broken. A process can be ended at any time: at a limit, or
when a user interrupts. The next request then starts a new one.

``python -m adviz.symbolic.worker`` is the other end: it reads a request a line and answers with a
line, both JSON.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from typing import Any

from adviz.host.errors import AdvizError

__all__ = ["WORKER", "TimeLimitError", "Worker"]

_START = 60.0
"""Seconds that a worker may take to start; they do not count towards a limit."""


class TimeLimitError(AdvizError, TimeoutError):
    """A computation was ended at its time limit."""


class Worker:
    """A process that answers requests one after the other, each within a time limit.

    It starts with the first request, and ends with the program that asked.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()
        self._lock = threading.Lock()
        self._loaded: set[str] = set()

    def ask(
        self, task: str, seconds: float, package: str = "sympy", **request: Any
    ) -> dict[str, Any]:
        """Return the answer to a request.

        Parameters
        ----------
        task : str
            A name in :data:`adviz.symbolic.tasks.TASKS`.
        seconds : float
            The time limit. Loading the package does not count towards it.
        package : str
            The package that the task needs.
        **request
            What the task takes, of what JSON can hold.

        Raises
        ------
        TimeLimitError
            If there is no answer within the limit.
        AdvizError
            If the task failed, with its own message.
        KeyboardInterrupt
            If the user interrupts; the computation is ended, and the worker starts afresh.
        """
        with self._lock:
            try:
                self._start()
                if package not in self._loaded:
                    self._send("load", package=package)
                    self._answers.get(timeout=_START)
                    self._loaded.add(package)
                self._send(task, **request)
                line = self._answers.get(timeout=seconds)
            except queue.Empty:
                self.close()
                raise TimeLimitError(f"no answer within {seconds:g} s") from None
            except BrokenPipeError:
                line = ""
            except BaseException:  # interrupted: what is under way would answer the next request
                self.close()
                raise
            if not line:
                self.close()
                raise AdvizError("the computation ended without an answer: out of memory?")
        answer: dict[str, Any] = json.loads(line)
        if "problem" in answer:
            raise AdvizError(answer["problem"])
        return answer

    def _send(self, task: str, **request: Any) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"task": task, **request}) + "\n")
        self._process.stdin.flush()

    def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        # In a session of its own: an interrupt of the notebook's kernel is not meant for it.
        options: dict[str, Any] = (
            {"start_new_session": True}
            if os.name == "posix"
            else {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        )
        path = os.pathsep.join(entry for entry in sys.path if entry)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "adviz.symbolic.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                env={**os.environ, "PYTHONPATH": path},
                **options,
            )
        except OSError as error:  # in a browser, for example
            raise AdvizError(f"no process can be started here ({error})") from None
        self._answers = queue.Queue()
        self._loaded = set()
        threading.Thread(
            target=_read, args=(self._process.stdout, self._answers), daemon=True
        ).start()
        try:
            self._answers.get(timeout=_START)  # it says when it is ready
        except queue.Empty:
            self.close()
            raise AdvizError(
                f"The process for computer algebra did not start in {_START:g} s."
            ) from None

    def close(self) -> None:
        """End the process, with whatever it is doing; the next request starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)  # with what it has started itself: Maxima
            else:
                process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _read(lines: Any, answers: queue.Queue[str]) -> None:
    with contextlib.suppress(ValueError):  # the pipe was closed
        for line in lines:
            answers.put(line)
    answers.put("")


WORKER = Worker()
"""The one that adviz asks."""
atexit.register(WORKER.close)


def main() -> None:
    """Answer requests until there are no more."""
    from adviz.symbolic.tasks import TASKS

    requests, answers = sys.stdin, sys.stdout
    sys.stdout = sys.stderr  # what a package prints is no answer
    answers.write("{}\n")
    answers.flush()
    for line in requests:
        request = json.loads(line)
        try:
            answer = TASKS[request.pop("task")](**request)
        except RecursionError:
            answer = {
                "problem": "it works recursively, and the formula is nested too deeply for it"
            }
        except Exception as error:  # noqa: BLE001 - whatever a package raises is told
            answer = {"problem": f"{type(error).__name__}: {str(error)[:300]}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
