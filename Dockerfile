# The page in a container, for docs/hosting.md: a user without rights, a read-only file system, a health check.
FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860 \
    GRADIO_ANALYTICS_ENABLED=False \
    GRADIO_TEMP_DIR=/tmp/gradio \
    HOME=/tmp
WORKDIR /app
COPY requirements.txt .
# The address of PyTorch's CPU builds, from PyTorch's site; without it pip brings CUDA, some gigabytes.
ARG TORCH_INDEX
# requirements.txt says which versions; the first command only chooses where PyTorch comes from.
# hadolint ignore=DL3013
RUN pip install torch torchvision ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} \
    && pip install -r requirements.txt
COPY app.py LICENSE ./
COPY checkpoints checkpoints
COPY data data
COPY lenet lenet
COPY demo demo
# Gradio writes a file beside each panel when it is first imported, and Python its bytecode: both now, as root.
RUN python -c "import demo.page" \
    && python -m compileall -q app.py demo lenet \
    && useradd --no-create-home --uid 1000 visitor
USER 1000
EXPOSE 7860
HEALTHCHECK --start-period=60s --interval=30s --timeout=5s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/health', timeout=4)"]
CMD ["python", "app.py"]
