"""Computer algebra in a separate process, which can be ended when it takes too long.

How long a computation takes is not known beforehand, and stopping it from inside could leave the
caches of a package broken. A process can be ended at any time: at a time limit, or when the user
interrupts. The next request then starts a new one. In a browser there are no processes: there the
computation runs in this one, which looks at the clock as it goes.

``python -m adviz.symbolic.worker`` runs in that process: it reads one request per line and answers
each with a line, both JSON.
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
import time
from typing import Any

from adviz.host.errors import AdvizError

__all__ = ["WORKER", "TimeLimitError", "Worker"]

_HAS_PROCESSES = sys.platform != "emscripten"

_START_SECONDS = 60.0
"""A worker may take this long to start or to load a package; a time limit does not include it."""


class TimeLimitError(AdvizError, TimeoutError):
    """A computation was ended at its time limit."""


class _OutOfTime(BaseException):
    """The time limit is reached."""


class Worker:
    """A process that answers requests one after the other, each within a time limit.

    It starts with the first request and ends with the program.
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
            The arguments of the task, which JSON can hold.

        Raises
        ------
        TimeLimitError
            If there is no answer within the limit.
        AdvizError
            If the task failed, with its own message.
        KeyboardInterrupt
            If the user interrupts: this ends the process, and the next request starts another.
        """
        if _HAS_PROCESSES:
            answer = self._asked(task, seconds, package, request)
        else:
            answer = _answered_here(task, seconds, package, request)
        if "problem" in answer:
            raise AdvizError(answer["problem"])
        return answer

    def _asked(
        self, task: str, seconds: float, package: str, request: dict[str, Any]
    ) -> dict[str, Any]:
        """Return the answer of the process."""
        with self._lock:
            try:
                self._start()
                if package not in self._loaded:
                    self._send("load", package=package)
                    self._answers.get(timeout=_START_SECONDS)
                    self._loaded.add(package)
                self._send(task, **request)
                line = self._answers.get(timeout=seconds)
            except queue.Empty:
                self.close()
                raise TimeLimitError(f"no answer within {seconds:g} s") from None
            except BrokenPipeError:
                line = ""
            except BaseException:  # interrupted: a late answer would go to the next request
                self.close()
                raise
            if not line:
                self.close()
                raise AdvizError("the computation ended without an answer: out of memory?")
        answer: dict[str, Any] = json.loads(line)
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
        # In a new session, so that interrupting the notebook's kernel does not reach it.
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
        except OSError as error:
            raise AdvizError(f"no process can be started here ({error})") from None
        self._answers = queue.Queue()
        self._loaded = set()
        threading.Thread(
            target=_read, args=(self._process.stdout, self._answers), daemon=True
        ).start()
        try:
            self._answers.get(timeout=_START_SECONDS)  # its first line means that it is ready
        except queue.Empty:
            self.close()
            raise AdvizError(
                f"The process for computer algebra did not start in {_START_SECONDS:g} s."
            ) from None

    def close(self) -> None:
        """End the process and its computation; the next request starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)  # and what it started, such as Maxima
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
"""The worker that all of adviz uses."""
atexit.register(WORKER.close)


def _answered_here(
    task: str, seconds: float, package: str, request: dict[str, Any]
) -> dict[str, Any]:
    """Return the answer to a request, computed in this process.

    At each call of a function the time limit is looked at, which makes it slower.
    """
    _answered({"task": "load", "package": package})
    end = time.monotonic() + seconds

    def look_at_the_clock(*_: object) -> None:
        if time.monotonic() > end:
            raise _OutOfTime

    before = sys.getprofile()
    sys.setprofile(look_at_the_clock)
    try:
        return _answered({"task": task, **request})
    except _OutOfTime:
        raise TimeLimitError(f"no answer within {seconds:g} s") from None
    finally:
        sys.setprofile(before)


def _answered(request: dict[str, Any]) -> dict[str, Any]:
    from adviz.symbolic.tasks import TASKS

    try:
        return TASKS[request.pop("task")](**request)
    except RecursionError:
        return {"problem": "it works recursively, and the formula is nested too deeply for it"}
    except Exception as error:  # noqa: BLE001 - any error of a package is reported
        return {"problem": f"{type(error).__name__}: {str(error)[:300]}"}


def main() -> None:
    """Answer requests until the input ends."""
    requests, answers = sys.stdin, sys.stdout
    sys.stdout = sys.stderr  # keeps what a package prints out of the answers
    answers.write("{}\n")
    answers.flush()
    for line in requests:
        answers.write(json.dumps(_answered(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
