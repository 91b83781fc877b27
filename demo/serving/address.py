"""The address of a request's sender, by which all limits are counted.

uvicorn has put the visitor's own address there already where a trusted proxy hands it on (FORWARDED_ALLOW_IPS).
"""

import ipaddress

from gradio import Request as GradioRequest
from starlette.requests import HTTPConnection

# IPv4 addresses as an IPv6-only network writes them (RFC 6052).
NAT64 = ipaddress.ip_network("64:ff9b::/96")


def visitor_of(request: HTTPConnection | GradioRequest | None) -> str:
    """The visitor's address from a request, Gradio's or Starlette's; "" without one, as in a test."""
    client = request and request.client
    return address_of(client.host) if client else ""


def address_of(host: str) -> str:
    """An IPv4 address however it is written, the /64 network of an IPv6 one, which is one household's, or the name."""
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
