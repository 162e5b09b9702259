"""A callback that lets a Hugging Face Trainer save and stop when `tunewise exec` asks it to.

`tunewise exec` sends Ctrl-C to the command when its budget is spent. A script that turns KeyboardInterrupt into a
checkpoint needs nothing else. With this callback no script has to: the Trainer ends the step at hand, saves a
checkpoint, and returns from `train()` as if its last step were done.

    from tunewise_callback import TunewiseCallback
    trainer = Trainer(..., callbacks=[TunewiseCallback()])

The flag is a file whose path stands in TUNEWISE_STOP_FILE, which `tunewise exec` sets; on other machines of the same
job TUNEWISE_STOP_URL may name an address that answers with {"stop": true}. Without either, the callback does nothing.
"""

import json
import os
import signal
import time
import urllib.request

from transformers import TrainerCallback


class TunewiseCallback(TrainerCallback):
    """Asks `should_training_stop` and `should_save` of the Trainer once the run is to stop."""

    def __init__(self, seconds_between_looks=1.0):
        self.path = os.environ.get("TUNEWISE_STOP_FILE")
        self.url = os.environ.get("TUNEWISE_STOP_URL")
        self.pause = seconds_between_looks
        self.next_look = 0.0
        self.stopping = False

    def on_train_begin(self, args, state, control, **kwargs):
        if self.path or self.url:  # the signal is then only a second way to say the same
            signal.signal(signal.SIGINT, self.note)

    def note(self, *_):
        self.stopping = True

    def asked(self):
        if self.stopping or time.monotonic() < self.next_look:
            return self.stopping
        self.next_look = time.monotonic() + self.pause
        self.stopping = bool(self.path) and os.path.exists(self.path)
        if not self.stopping and self.url:
            try:
                with urllib.request.urlopen(self.url, timeout=2) as answer:
                    self.stopping = bool(json.load(answer).get("stop"))
            except (OSError, ValueError):
                pass  # a server that is away stops nobody
        return self.stopping

    def on_step_end(self, args, state, control, **kwargs):
        if self.asked():
            control.should_save = True
            control.should_training_stop = True
        return control
