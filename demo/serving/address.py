"""The address of a visitor, which all limits are counted by.

Behind a trusted proxy (FORWARDED_ALLOW_IPS), uvicorn has already replaced the proxy's address by the visitor's.
"""

import ipaddress

from gradio import Request as GradioRequest
from starlette.requests import HTTPConnection

# IPv4 addresses translated to IPv6 (RFC 6052).
NAT64 = ipaddress.ip_network("64:ff9b::/96")


def visitor_of(request: HTTPConnection | GradioRequest | None) -> str:
    """Return the visitor's address of a Gradio or Starlette request; "" if there is none, as in tests."""
    client = None if request is None else request.client
    return address_of(client.host) if client else ""


def address_of(host: str) -> str:
    """Return the IPv4 address in any notation, the /64 network of an IPv6 address (one household), or the name."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host[:64]
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    if address in NAT64:
        return str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return str(ipaddress.ip_network((address, 64), strict=False))
