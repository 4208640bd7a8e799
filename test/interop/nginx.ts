/**
 * nginx without anything of the system's: its frame of a configuration, and a proxy in which each
 * server has one of the mistakes that are made with it.
 */
import type { IssuedCertificate } from "../support/certificates.ts";
import { certificateFiles } from "./certificate-files.ts";
import type { ProgramPlan } from "./system-program.ts";

/** Directives that pass an upgrade on. */
export const NGINX_UPGRADE = `
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";`;

/** Wraps servers of nginx into a configuration that needs nothing of the system's. */
export function nginxConfiguration(folder: string, servers: string): string {
  return `
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 128; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  limit_conn_zone $server_port zone=connections:1m;
  limit_req_zone $server_port zone=requests:1m rate=1r/m;
  ssl_certificate ${folder}/certificate.pem;
  ssl_certificate_key ${folder}/key.pem;
  ${servers}
}
`;
}

/** Arguments with which nginx uses `nginx.conf` of a folder and nothing else. */
export function nginxArguments(folder: string): string[] {
  return ["-p", folder, "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"];
}

/** Mistakes and refusals of nginx; each listens on a port of its own. */
export const MISTAKES = [
  "redirecting",
  "protected",
  "forbidden",
  "throttling",
  "hidingUpgrade",
  "hidingAccept",
  "staticFiles",
  "missingFiles",
  "http2Only",
  "slowBackEnd",
  "hangingUp",
] as const;
/** See {@link MISTAKES}. */
export type Mistake = (typeof MISTAKES)[number];

/**
 * nginx in front of a WebSocket server, with one mistake per port.
 *
 * @param silentPort where something accepts connections and never answers
 */
export function mistakenNginx(target: {
  port: number;
  silentPort: number;
  certificate: IssuedCertificate;
}): ProgramPlan<Mistake> {
  const { port, silentPort, certificate } = target;
  const pass = `proxy_pass http://127.0.0.1:${port}; ${NGINX_UPGRADE}`;
  const servers = (ports: Record<Mistake, number>, folder: string) => {
    const rules: Record<Mistake, string> = {
      redirecting: "location / { return 301 https://chat.example.com$request_uri; }",
      protected: `location / { auth_basic "Staff"; auth_basic_user_file ${folder}/users; ${pass} }`,
      forbidden: `location / { deny all; ${pass} }`,
      throttling: `location / { limit_req zone=requests; limit_req_status 429; ${pass} }`,
      hidingUpgrade: `location / { proxy_hide_header Upgrade; ${pass} }`,
      hidingAccept: `location / { proxy_hide_header Sec-WebSocket-Accept; ${pass} }`,
      staticFiles: `location / { root ${folder}; try_files /welcome.html =404; }`,
      missingFiles: `location / { root ${folder}; }`,
      http2Only: `location / { ${pass} }`,
      slowBackEnd: `location / {
    proxy_read_timeout 500ms;
    proxy_pass http://127.0.0.1:${silentPort}; ${NGINX_UPGRADE}
  }`,
      hangingUp: "location / { return 444; }",
    };
    return MISTAKES.map((mistake) => {
      const http2 = mistake === "http2Only" ? " http2" : "";
      return `server { listen 127.0.0.1:${ports[mistake]}${http2}; ${rules[mistake]} }`;
    }).join("\n  ");
  };
  return {
    program: "nginx",
    listeners: MISTAKES,
    configure: (ports, folder) => ({
      args: nginxArguments(folder),
      files: {
        "nginx.conf": nginxConfiguration(folder, servers(ports, folder)),
        users: "",
        "welcome.html": "<title>Home</title><h1>Welcome</h1>",
        ...certificateFiles(certificate),
      },
    }),
  };
}
