/**
 * Proxies in front of a WebSocket server, each configured in the same few ways: as it should be, as
 * it often is by mistake, and at its limits. What a check must say of each stands in the test.
 */
import type { IssuedCertificate } from "../support/certificates.ts";
import { certificateFiles } from "./certificate-files.ts";
import { NGINX_UPGRADE, nginxArguments, nginxConfiguration } from "./nginx.ts";
import type { ProgramPlan } from "./system-program.ts";

/** Ways in which every proxy is configured; each listens on a port of its own. */
export const WAYS = ["forwarding", "stripping", "limited", "secure", "idle", "orphaned"] as const;

/**
 * - `forwarding`: passes the upgrade on;
 * - `stripping`: passes the request on without what asks for the upgrade;
 * - `limited`: passes one connection on at a time;
 * - `secure`: over TLS, offering HTTP/2; tells the server in `X-Protocol` what was spoken;
 * - `idle`: gives up a connection that is silent for a second, where it knows such a limit;
 * - `orphaned`: its server is not there.
 */
export type Way = (typeof WAYS)[number];

/** What stands behind a proxy. */
export interface ProxyTarget {
  /** Port of the WebSocket server. */
  port: number;
  /** A port on which nothing listens. */
  closedPort: number;
  /** Certificate for `localhost`. */
  certificate: IssuedCertificate;
}

/** nginx, after its documentation on proxying WebSocket. */
function nginx({ port, closedPort, certificate }: ProxyTarget): ProgramPlan<Way> {
  const pass = `proxy_pass http://127.0.0.1:${port};`;
  const servers = (ports: Record<Way, number>) => `
  server {
    listen 127.0.0.1:${ports.forwarding};
    location / { ${pass} ${NGINX_UPGRADE} }
  }
  server {
    listen 127.0.0.1:${ports.stripping};
    location / { ${pass} }
  }
  server {
    listen 127.0.0.1:${ports.limited};
    location / { limit_conn connections 1; ${pass} ${NGINX_UPGRADE} }
  }
  server {
    listen 127.0.0.1:${ports.secure} ssl http2;
    location / { proxy_set_header X-Protocol $server_protocol; ${pass} ${NGINX_UPGRADE} }
  }
  server {
    listen 127.0.0.1:${ports.idle};
    location / { proxy_read_timeout 1s; ${pass} ${NGINX_UPGRADE} }
  }
  server {
    listen 127.0.0.1:${ports.orphaned};
    location / { proxy_pass http://127.0.0.1:${closedPort}; ${NGINX_UPGRADE} }
  }`;
  return {
    program: "nginx",
    listeners: WAYS,
    configure: (ports, folder) => ({
      args: nginxArguments(folder),
      files: {
        "nginx.conf": nginxConfiguration(folder, servers(ports)),
        ...certificateFiles(certificate),
      },
    }),
  };
}

const HAPROXY_DEFAULTS = `
defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s
  timeout tunnel 30s
  timeout queue 300ms
  retries 0
`;

/** HAProxy that serves one connection and leaves all others waiting to be accepted. */
export function crowdedHaproxy(port: number): ProgramPlan<"crowded"> {
  return {
    program: "haproxy",
    listeners: ["crowded"],
    configure: ({ crowded }) => ({
      args: ["-db", "-f", "haproxy.cfg"],
      files: {
        "haproxy.cfg": `${HAPROXY_DEFAULTS}
listen crowded
  bind 127.0.0.1:${crowded}
  maxconn 1
  server app 127.0.0.1:${port}
`,
      },
    }),
  };
}

/** HAProxy, which passes upgrades on by itself and queues what is over a server's limit. */
function haproxy({ port, closedPort, certificate }: ProxyTarget): ProgramPlan<Way> {
  const configuration = (ports: Record<Way, number>, folder: string) => `${HAPROXY_DEFAULTS}
listen forwarding
  bind 127.0.0.1:${ports.forwarding}
  server app 127.0.0.1:${port}
listen stripping
  bind 127.0.0.1:${ports.stripping}
  http-request del-header Upgrade
  http-request del-header Connection
  server app 127.0.0.1:${port}
listen limited
  bind 127.0.0.1:${ports.limited}
  server app 127.0.0.1:${port} maxconn 1
listen secure
  bind 127.0.0.1:${ports.secure} ssl crt ${folder}/site.pem alpn h2,http/1.1
  http-request set-header X-Protocol HTTP/%[req.ver]
  server app 127.0.0.1:${port}
listen idle
  bind 127.0.0.1:${ports.idle}
  timeout tunnel 1s
  server app 127.0.0.1:${port}
listen orphaned
  bind 127.0.0.1:${ports.orphaned}
  server app 127.0.0.1:${closedPort}
`;
  return {
    program: "haproxy",
    listeners: WAYS,
    configure: (ports, folder) => ({
      args: ["-db", "-f", "haproxy.cfg"],
      files: {
        "haproxy.cfg": configuration(ports, folder),
        "site.pem": certificate.cert.trimEnd() + "\n" + certificate.key,
      },
    }),
  };
}

/** Caddy, which passes upgrades on by itself and knows no limit for idle ones. */
function caddy({ port, closedPort, certificate }: ProxyTarget): ProgramPlan<Way> {
  const app = `127.0.0.1:${port}`;
  const configuration = (ports: Record<Way, number>, folder: string) => `
{
  admin off
  auto_https off
  default_bind 127.0.0.1
  storage file_system ${folder}
}
http://:${ports.forwarding} {
  reverse_proxy ${app}
}
http://:${ports.stripping} {
  reverse_proxy ${app} {
    header_up -Upgrade
    header_up -Connection
  }
}
http://:${ports.limited} {
  # Requests are counted by the server's address as it is written: this one's are its own.
  reverse_proxy localhost:${port} {
    unhealthy_request_count 1
    fail_duration 1s
  }
}
https://localhost:${ports.secure} {
  tls ${folder}/certificate.pem ${folder}/key.pem
  reverse_proxy ${app} {
    header_up X-Protocol {http.request.proto}
  }
}
http://:${ports.idle} {
  reverse_proxy ${app}
}
http://:${ports.orphaned} {
  reverse_proxy 127.0.0.1:${closedPort}
}
`;
  return {
    program: "caddy",
    listeners: WAYS,
    configure: (ports, folder) => ({
      args: ["run", "--config", "Caddyfile", "--adapter", "caddyfile"],
      files: { Caddyfile: configuration(ports, folder), ...certificateFiles(certificate) },
    }),
  };
}

const APACHE_MODULES = [
  "mpm_event",
  "authz_core",
  "proxy",
  "proxy_http",
  "headers",
  "socache_shmcb",
  "ssl",
  "http2",
];

/** A site of Apache on a port of its own. */
function site(port: number, ...directives: string[]): string {
  return `
Listen 127.0.0.1:${port}
<VirtualHost 127.0.0.1:${port}>
  ${directives.join("\n  ")}
</VirtualHost>`;
}

/** Apache httpd with the upgrade parameter of mod_proxy_http. */
function apache({ port, closedPort, certificate }: ProxyTarget): ProgramPlan<Way> {
  const app = `http://127.0.0.1:${port}/`;
  const modules = APACHE_MODULES.map(
    (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
  ).join("\n");
  const sites = (ports: Record<Way, number>) => [
    site(ports.forwarding, `ProxyPass / ${app} upgrade=websocket`),
    site(ports.stripping, `ProxyPass / ${app}`),
    // A worker is shared by its URL: the path sets this one apart.
    site(ports.limited, `ProxyPass / ${app}limited/ upgrade=websocket max=1 acquire=300`),
    site(
      ports.secure,
      "Protocols h2 http/1.1",
      "SSLEngine on",
      'RequestHeader set X-Protocol "expr=%{SERVER_PROTOCOL}"',
      `ProxyPass / ${app} upgrade=websocket`,
    ),
    // A tunnel ends after the longer of both timeouts.
    site(ports.idle, `ProxyPass / ${app} upgrade=websocket`, "Timeout 1", "ProxyTimeout 1"),
    site(ports.orphaned, `ProxyPass / http://127.0.0.1:${closedPort}/ upgrade=websocket`),
  ];
  return {
    program: "apache2",
    listeners: WAYS,
    configure: (ports, folder) => ({
      args: ["-D", "FOREGROUND", "-d", folder, "-f", "httpd.conf"],
      files: {
        "httpd.conf": `
${modules}
ServerName localhost
DefaultRuntimeDir ${folder}
PidFile ${folder}/httpd.pid
Mutex file:${folder}
ErrorLog ${folder}/error.log
ServerLimit 1
StartServers 1
ThreadsPerChild 25
MaxRequestWorkers 25
SSLSessionCache none
SSLCertificateFile ${folder}/certificate.pem
SSLCertificateKeyFile ${folder}/key.pem
${sites(ports).join("\n")}
`,
        ...certificateFiles(certificate),
      },
    }),
  };
}

/** Every proxy, by name. */
export const PROXIES = { nginx, haproxy, caddy, apache } satisfies Record<
  string,
  (target: ProxyTarget) => ProgramPlan<Way>
>;
