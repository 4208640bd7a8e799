/** WebSocket servers of the system: Python's `websockets` and the test server of libwebsockets. */
import type { IssuedCertificate } from "../support/certificates.ts";
import { certificateFiles } from "./certificate-files.ts";
import type { ProgramPlan } from "./system-program.ts";

/** What each port of the Python server does with those who connect. */
export const PYTHON_ROLES = [
  "echo",
  "small",
  "teapot",
  "busy",
  "leaving",
  "crashing",
  "mute",
  "pinging",
] as const;
/**
 * - `echo`: echoes, speaks `chat.v2`, compresses;
 * - `small`: takes messages of up to 1,024 bytes;
 * - `teapot`, `busy`: refuse the upgrade with 418 and 503;
 * - `leaving`: closes with 4008 at the first message;
 * - `crashing`: fails in its handler;
 * - `mute`: says nothing;
 * - `pinging`: pings five times, then says how often it was answered.
 */
export type PythonRole = (typeof PYTHON_ROLES)[number];

const PYTHON = `
import asyncio, http, json, sys
import websockets

async def echo(socket, path):
    async for message in socket:
        await socket.send(message)

async def leave(socket, path):
    await socket.recv()
    await socket.close(4008, "see you later")

async def crash(socket, path):
    await socket.recv()
    raise RuntimeError("out of cheese")

async def listen(socket, path):
    async for message in socket:
        pass

def refuse(status, body):
    async def process_request(path, headers):
        return http.HTTPStatus(status), [], body
    return process_request

async def ping(socket, path):
    for _ in range(5):
        await (await socket.ping())
    await socket.send("five pongs")
    await socket.wait_closed()

ROLES = {
    "echo": (echo, {"subprotocols": ["chat.v2"]}),
    "small": (echo, {"max_size": 1024}),
    "teapot": (echo, {"process_request": refuse(418, b"short and stout")}),
    "busy": (echo, {"process_request": refuse(503, b"come back later")}),
    "leaving": (leave, {}),
    "crashing": (crash, {}),
    "mute": (listen, {}),
    "pinging": (ping, {}),
}

async def main():
    for role, port in json.loads(sys.argv[1]).items():
        handler, options = ROLES[role]
        await websockets.serve(handler, "127.0.0.1", port, **options)
    await asyncio.Future()

asyncio.run(main())
`;

/** Servers of Python's `websockets`, one per role. */
export function pythonWebsockets(): ProgramPlan<PythonRole> {
  return {
    program: "python3",
    listeners: PYTHON_ROLES,
    configure: (ports) => ({
      args: ["server.py", JSON.stringify(ports)],
      files: { "server.py": PYTHON },
    }),
  };
}

/** The test server of libwebsockets; with a certificate it speaks TLS. */
export function libwebsockets(certificate: IssuedCertificate | null): ProgramPlan<"server"> {
  return {
    program: "libwebsockets-test-server",
    listeners: ["server"],
    configure: ({ server }, folder) => ({
      args: [
        `--port=${server}`,
        "--interface=lo",
        ...(certificate === null
          ? []
          : ["--ssl", `--ssl-cert=${folder}/certificate.pem`, `--ssl-key=${folder}/key.pem`]),
      ],
      files: certificate === null ? {} : certificateFiles(certificate),
    }),
  };
}
