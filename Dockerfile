# The app in a container, as docs/hosting.md says: PyTorch's CPU build, a user without rights, a health check.
FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=7860 GRADIO_ANALYTICS_ENABLED=False GRADIO_TEMP_DIR=/tmp/gradio HOME=/tmp
WORKDIR /app
COPY requirements.txt .
# The address of PyTorch's CPU builds, as PyTorch's own site gives it; without it comes the build with CUDA, gigabytes.
ARG TORCH_INDEX
RUN pip install torch ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} && pip install -r requirements.txt
COPY app.py LICENSE ./
COPY checkpoints checkpoints
COPY data data
COPY lenet lenet
COPY demo demo
# Whatever is compiled later is made here once, so that the container may run read-only.
RUN python -c "import demo.page" \
    && python -m compileall -q demo lenet && useradd --system --no-create-home visitor
USER visitor
EXPOSE 7860
HEALTHCHECK --start-period=60s --interval=30s --timeout=5s \
    CMD python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/health', timeout=4)"
CMD ["python", "app.py"]
