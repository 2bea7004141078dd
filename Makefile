# `make run` starts Parley and `make test` runs the whole suite; both install what is missing first.

.POSIX:
.PHONY: run test lock clean

run:
	@sh scripts/install.sh
	@if [ -n "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ]; then \
		exec .venv/bin/parley; \
	else \
		echo "There is no display here, so this is the demo: the same engines in a simulated room."; \
		exec .venv/bin/parley demo; \
	fi

test:
	@sh scripts/install.sh test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	OMP_WAIT_POLICY=PASSIVE .venv/bin/pytest

lock:
	@sh scripts/lock.sh

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
