"""Drives an unmodified centrifuge-python: `python client.py`.

Commands come as lines of JSON on standard input, everything that happens goes out as lines of JSON on standard
output. The tests decide what is right. `client.mjs` does the same.
"""

import asyncio
import importlib.metadata
import json
import sys

from centrifuge import CentrifugeError, Client, ClientEventHandler, SubscriptionEventHandler


def tell(event, **data):
    print(json.dumps({"event": event, **data}), flush=True)


class Events(ClientEventHandler):
    async def on_connecting(self, ctx):
        tell("connecting", code=ctx.code, reason=ctx.reason)

    async def on_connected(self, ctx):
        tell("connected", client=ctx.client, data=ctx.data)

    async def on_disconnected(self, ctx):
        tell("disconnected", code=ctx.code, reason=ctx.reason)

    async def on_error(self, ctx):
        tell("error", code=getattr(ctx.error, "code", ctx.code), message=str(ctx.error))

    async def on_subscribed(self, ctx):
        tell(
            "subscribed",
            channel=ctx.channel,
            recoverable=ctx.recoverable,
            wasRecovering=ctx.was_recovering,
            recovered=ctx.recovered,
            data=ctx.data,
        )

    async def on_unsubscribed(self, ctx):
        tell("unsubscribed", channel=ctx.channel)

    async def on_publication(self, ctx):
        tell("publication", channel=ctx.channel, data=ctx.pub.data, offset=ctx.pub.offset or 0)


class Own(SubscriptionEventHandler):
    def __init__(self, channel):
        self.channel = channel

    async def on_subscribed(self, ctx):
        tell("own-subscribed", channel=self.channel, wasRecovering=ctx.was_recovering, recovered=ctx.recovered)

    async def on_unsubscribed(self, ctx):
        tell("own-unsubscribed", channel=self.channel, code=ctx.code)

    async def on_publication(self, ctx):
        tell("own-publication", channel=self.channel, data=ctx.pub.data, offset=ctx.pub.offset)

    async def on_error(self, ctx):
        tell("own-error", channel=self.channel, code=getattr(ctx.error, "code", ctx.code))


class Acts:
    client = None

    async def version(self):
        tell("version", version=importlib.metadata.version("centrifuge-python"))

    async def connect(self, url, data, pingDelay=10000):
        self.client = Client(
            url,
            events=Events(),
            data=data,
            name="trunkline-test",
            min_reconnect_delay=0.05,
            max_reconnect_delay=0.3,
            max_server_ping_delay=pingDelay / 1000,
            proxy=None,
        )
        await self.client.connect()

    async def subscribe(self, channel):
        await self.client.new_subscription(channel, events=Own(channel)).subscribe()

    async def publish(self, channel, data):
        await self.attempt("publish", self.client.get_subscription(channel).publish(data), lambda _: tell("published"))

    async def history(self, channel):
        def told(found):
            tell("history", offset=found.offset, data=[one.data for one in found.publications])

        await self.attempt("history", self.client.get_subscription(channel).history(limit=10), told)

    async def rpc(self, method, data):
        await self.attempt("rpc", self.client.rpc(method, data), lambda answer: tell("rpc", data=answer.data))

    async def attempt(self, what, call, told):
        try:
            told(await call)
        except CentrifugeError as error:
            tell("failed", what=what, code=getattr(error, "code", 0))

    async def disconnect(self):
        await self.client.disconnect()


async def main():
    acts = Acts()
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    running = set()
    while line := await lines.readline():
        asked = json.loads(line)
        # Commands do not wait for each other: one may wait for a connection that another has to end.
        task = loop.create_task(getattr(acts, asked.pop("act"))(**asked))
        running.add(task)
        task.add_done_callback(running.discard)


asyncio.run(main())
