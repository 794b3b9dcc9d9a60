"""The socket that the service listens on."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

from lucerna.serving import _listen


def test_small_answers_are_sent_at_once_and_not_gathered() -> None:
    """Gathered, the second part of an answer waits 40 ms for the client's word."""

    async def accepted() -> int:
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def tell(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            one = writer.get_extra_info("socket")
            told.set_result(one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listener = _listen("127.0.0.1", 0)
        async with await asyncio.start_server(tell, sock=listener):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            writer.close()
            return await told

    with ThreadPoolExecutor(1) as pool:  # browser tests leave a loop in this thread
        assert pool.submit(asyncio.run, accepted()).result() == 1
