# `make demo` and `make test` do all their own set-up, in .venv. PYTHON names another Python.
PYTHON ?= python3
IN_HOST = @command -v $(PYTHON) > /dev/null || \
	{ echo '$(PYTHON) is not installed: install Python 3.10 to 3.13 or name one, as in `make demo PYTHON=python3.12`.' >&2; exit 1; }; \
	exec $(PYTHON) ros_on_pip/setup_host.py

.PHONY: demo test check clean

demo:
	$(IN_HOST) --extras train,pose -- dcat demo $(if $(STEP),--step $(STEP))

test:
	$(IN_HOST) --extras train,pose,test -- $(MAKE) --no-print-directory check

# The checks themselves, inside the set-up.
check:
	ruff check
	pytest --numprocesses=4 --dist=loadfile --no-loadscope-reorder

clean:
	rm -rf .venv
