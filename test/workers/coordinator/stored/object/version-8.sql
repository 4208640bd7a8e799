CREATE TABLE storage_version (version INTEGER NOT NULL);
--> statement-breakpoint
INSERT INTO "storage_version" ("version") VALUES (8);
--> statement-breakpoint
CREATE TABLE seen_runs (key TEXT PRIMARY KEY, scheduled_at_ms INTEGER NOT NULL) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179120000/us-east/0', 1795179120000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179135000/sa-east/0', 1795179135000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179150000/eu-central/0', 1795179150000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179165000/ap-southeast/0', 1795179165000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179180000/us-east/0', 1795179180000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179195000/sa-east/0', 1795179195000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179210000/eu-central/0', 1795179210000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179225000/ap-southeast/0', 1795179225000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179240000/us-east/0', 1795179240000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179255000/sa-east/0', 1795179255000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179270000/eu-central/0', 1795179270000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179285000/ap-southeast/0', 1795179285000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179300000/us-east/0', 1795179300000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179315000/sa-east/0', 1795179315000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179330000/eu-central/0', 1795179330000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179345000/ap-southeast/0', 1795179345000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179360000/us-east/0', 1795179360000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179360433/ap-southeast/ask', 1795179360433);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179360433/eu-central/ask', 1795179360433);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179360433/sa-east/ask', 1795179360433);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179360433/us-east/ask', 1795179360433);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179375000/sa-east/0', 1795179375000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179390000/eu-central/0', 1795179390000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179405000/ap-southeast/0', 1795179405000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179420000/us-east/0', 1795179420000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179435000/sa-east/0', 1795179435000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179450000/eu-central/0', 1795179450000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179465000/ap-southeast/0', 1795179465000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179480000/us-east/0', 1795179480000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179495000/sa-east/0', 1795179495000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179510000/eu-central/0', 1795179510000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179525000/ap-southeast/0', 1795179525000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179540000/us-east/0', 1795179540000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179540368/ap-southeast/ask', 1795179540368);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179540368/eu-central/ask', 1795179540368);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179540368/sa-east/ask', 1795179540368);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179540368/us-east/ask', 1795179540368);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179555000/sa-east/0', 1795179555000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179570000/eu-central/0', 1795179570000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179585000/ap-southeast/0', 1795179585000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179600000/us-east/0', 1795179600000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179615000/sa-east/0', 1795179615000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179630000/eu-central/0', 1795179630000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179645000/ap-southeast/0', 1795179645000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179660000/us-east/0', 1795179660000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179675000/sa-east/0', 1795179675000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179690000/eu-central/0', 1795179690000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179705000/ap-southeast/0', 1795179705000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179720000/us-east/0', 1795179720000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179735000/sa-east/0', 1795179735000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179750000/eu-central/0', 1795179750000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179765000/ap-southeast/0', 1795179765000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179780000/us-east/0', 1795179780000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179795000/sa-east/0', 1795179795000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179810000/eu-central/0', 1795179810000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179825000/ap-southeast/0', 1795179825000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179840000/us-east/0', 1795179840000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179855000/sa-east/0', 1795179855000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179870000/eu-central/0', 1795179870000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179885000/ap-southeast/0', 1795179885000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179900000/us-east/0', 1795179900000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179915000/sa-east/0', 1795179915000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179930000/eu-central/0', 1795179930000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179945000/ap-southeast/0', 1795179945000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179960000/us-east/0', 1795179960000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179975000/sa-east/0', 1795179975000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795179990000/eu-central/0', 1795179990000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180005000/ap-southeast/0', 1795180005000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180020000/us-east/0', 1795180020000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180035000/sa-east/0', 1795180035000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180050000/eu-central/0', 1795180050000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180065000/ap-southeast/0', 1795180065000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180080000/us-east/0', 1795180080000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180095000/sa-east/0', 1795180095000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180110000/eu-central/0', 1795180110000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180125000/ap-southeast/0', 1795180125000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180140000/us-east/0', 1795180140000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180140323/ap-southeast/ask', 1795180140323);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180140323/eu-central/ask', 1795180140323);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180140323/sa-east/ask', 1795180140323);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180140323/us-east/ask', 1795180140323);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180155000/sa-east/0', 1795180155000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180170000/eu-central/0', 1795180170000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180185000/ap-southeast/0', 1795180185000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180200000/us-east/0', 1795180200000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180215000/sa-east/0', 1795180215000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180230000/eu-central/0', 1795180230000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180245000/ap-southeast/0', 1795180245000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180260000/us-east/0', 1795180260000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180275000/sa-east/0', 1795180275000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180290000/eu-central/0', 1795180290000);
--> statement-breakpoint
INSERT INTO "seen_runs" ("key", "scheduled_at_ms") VALUES ('1795180305000/ap-southeast/0', 1795180305000);
--> statement-breakpoint
CREATE TABLE kept_runs (
      key TEXT PRIMARY KEY, scheduled_at_ms INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE judgements (monitor TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO "judgements" ("monitor", "body") VALUES ('chat', '{"monitor":"chat","verdict":{"monitor":"chat","kind":"down","reason":"connect_failed","message":"4 of 4 fresh regions: connect_failed since 13:09:00","sinceMs":1795180140000,"votes":[{"region":"us-east","colo":"IAD","status":"down","reason":"connect_failed","message":"No TCP connection could be opened.","atMs":1795180140323,"failingSinceMs":1795180140000,"counted":"counted"},{"region":"sa-east","colo":"GRU","status":"down","reason":"connect_failed","message":"No TCP connection could be opened.","atMs":1795180140323,"failingSinceMs":1795180140323,"counted":"counted"},{"region":"eu-central","colo":"FRA","status":"down","reason":"connect_failed","message":"No TCP connection could be opened.","atMs":1795180140323,"failingSinceMs":1795180140323,"counted":"counted"},{"region":"ap-southeast","colo":"SIN","status":"down","reason":"connect_failed","message":"No TCP connection could be opened.","atMs":1795180140323,"failingSinceMs":1795180140323,"counted":"counted"}]},"incident":{"id":"chat-1795180140000","monitor":"chat","kind":"down","worst":"down","reason":"connect_failed","message":"4 of 4 fresh regions: connect_failed since 13:09:00","startedAtMs":1795180140000,"confirmedAtMs":1795180140523,"endedAtMs":null,"acknowledgedAtMs":null,"regions":["us-east","sa-east","eu-central","ap-southeast"]},"sequence":4,"openingsMs":[1795179360633,1795180140523],"askedAtMs":1795180140200,"asks":0,"askTokens":2}');
--> statement-breakpoint
CREATE TABLE incidents (
      id TEXT PRIMARY KEY, monitor TEXT NOT NULL, monitor_name TEXT NOT NULL,
      started_at_ms INTEGER NOT NULL, ended_at_ms INTEGER, body TEXT NOT NULL,
      dirty INTEGER NOT NULL);
--> statement-breakpoint
INSERT INTO "incidents" ("id", "monitor", "monitor_name", "started_at_ms", "ended_at_ms", "body", "dirty") VALUES ('chat-1795179360000', 'chat', 'Chat', 1795179360000, 1795179540568, '{"id":"chat-1795179360000","monitor":"chat","kind":"down","worst":"down","reason":"accept_mismatch","message":"4 of 4 fresh regions: accept_mismatch since 12:56:00","startedAtMs":1795179360000,"confirmedAtMs":1795179360633,"endedAtMs":1795179540568,"acknowledgedAtMs":null,"regions":["us-east","sa-east","eu-central","ap-southeast"]}', 0);
--> statement-breakpoint
INSERT INTO "incidents" ("id", "monitor", "monitor_name", "started_at_ms", "ended_at_ms", "body", "dirty") VALUES ('chat-1795180140000', 'chat', 'Chat', 1795180140000, NULL, '{"id":"chat-1795180140000","monitor":"chat","kind":"down","worst":"down","reason":"connect_failed","message":"4 of 4 fresh regions: connect_failed since 13:09:00","startedAtMs":1795180140000,"confirmedAtMs":1795180140523,"endedAtMs":null,"acknowledgedAtMs":null,"regions":["us-east","sa-east","eu-central","ap-southeast"]}', 0);
--> statement-breakpoint
CREATE INDEX incidents_started ON incidents (started_at_ms);
--> statement-breakpoint
CREATE INDEX incidents_dirty ON incidents (dirty) WHERE dirty = 1;
--> statement-breakpoint
CREATE TABLE transitions (
      id TEXT PRIMARY KEY, incident TEXT, at_ms INTEGER NOT NULL, body TEXT NOT NULL,
      dirty INTEGER NOT NULL);
--> statement-breakpoint
INSERT INTO "transitions" ("id", "incident", "at_ms", "body", "dirty") VALUES ('chat.0', NULL, 1795179180260, '{"id":"chat.0","monitor":"chat","incident":null,"atMs":1795179180260,"kind":"verdict_changed","from":"unknown","to":"operational","reason":null,"message":"All 2 fresh regions up; eu-central has not reported yet; ap-southeast has not reported yet","sinceMs":1795179180260,"votes":[{"region":"us-east","colo":"IAD","status":"up","reason":null,"message":"Echoed.","atMs":1795179180060,"failingSinceMs":null,"counted":"counted"},{"region":"sa-east","colo":"GRU","status":"up","reason":null,"message":"Echoed.","atMs":1795179180060,"failingSinceMs":null,"counted":"counted"},{"region":"eu-central","colo":null,"status":"unknown","reason":null,"message":"","atMs":null,"failingSinceMs":null,"counted":"silent"},{"region":"ap-southeast","colo":null,"status":"unknown","reason":null,"message":"","atMs":null,"failingSinceMs":null,"counted":"silent"}]}', 0);
--> statement-breakpoint
INSERT INTO "transitions" ("id", "incident", "at_ms", "body", "dirty") VALUES ('chat-1795179360000.1', 'chat-1795179360000', 1795179360633, '{"id":"chat-1795179360000.1","monitor":"chat","incident":"chat-1795179360000","atMs":1795179360633,"kind":"incident_opened","from":"operational","to":"down","reason":"accept_mismatch","message":"3 of 4 fresh regions: accept_mismatch since 12:56:00","sinceMs":1795179360000,"votes":[{"region":"us-east","colo":"IAD","status":"down","reason":"accept_mismatch","message":"The Sec-WebSocket-Accept value is wrong or missing.","atMs":1795179360433,"failingSinceMs":1795179360000,"counted":"counted"},{"region":"sa-east","colo":"GRU","status":"down","reason":"accept_mismatch","message":"The Sec-WebSocket-Accept value is wrong or missing.","atMs":1795179360433,"failingSinceMs":1795179360433,"counted":"counted"},{"region":"eu-central","colo":"FRA","status":"down","reason":"accept_mismatch","message":"The Sec-WebSocket-Accept value is wrong or missing.","atMs":1795179360433,"failingSinceMs":1795179360433,"counted":"counted"},{"region":"ap-southeast","colo":"SIN","status":"up","reason":null,"message":"Echoed.","atMs":1795179345000,"failingSinceMs":null,"counted":"counted"}]}', 0);
--> statement-breakpoint
INSERT INTO "transitions" ("id", "incident", "at_ms", "body", "dirty") VALUES ('chat-1795179360000.2', 'chat-1795179360000', 1795179540568, '{"id":"chat-1795179360000.2","monitor":"chat","incident":"chat-1795179360000","atMs":1795179540568,"kind":"incident_resolved","from":"down","to":"operational","reason":null,"message":"All 4 fresh regions up","sinceMs":1795179540568,"votes":[{"region":"us-east","colo":"IAD","status":"up","reason":null,"message":"Echoed.","atMs":1795179540368,"failingSinceMs":null,"counted":"counted"},{"region":"sa-east","colo":"GRU","status":"up","reason":null,"message":"Echoed.","atMs":1795179540368,"failingSinceMs":null,"counted":"counted"},{"region":"eu-central","colo":"FRA","status":"up","reason":null,"message":"Echoed.","atMs":1795179540368,"failingSinceMs":null,"counted":"counted"},{"region":"ap-southeast","colo":"SIN","status":"up","reason":null,"message":"Echoed.","atMs":1795179540368,"failingSinceMs":null,"counted":"counted"}]}', 0);
--> statement-breakpoint
INSERT INTO "transitions" ("id", "incident", "at_ms", "body", "dirty") VALUES ('chat-1795180140000.3', 'chat-1795180140000', 1795180140523, '{"id":"chat-1795180140000.3","monitor":"chat","incident":"chat-1795180140000","atMs":1795180140523,"kind":"incident_opened","from":"operational","to":"down","reason":"connect_failed","message":"3 of 4 fresh regions: connect_failed since 13:09:00","sinceMs":1795180140000,"votes":[{"region":"us-east","colo":"IAD","status":"down","reason":"connect_failed","message":"No TCP connection could be opened.","atMs":1795180140323,"failingSinceMs":1795180140000,"counted":"counted"},{"region":"sa-east","colo":"GRU","status":"down","reason":"connect_failed","message":"No TCP connection could be opened.","atMs":1795180140323,"failingSinceMs":1795180140323,"counted":"counted"},{"region":"eu-central","colo":"FRA","status":"down","reason":"connect_failed","message":"No TCP connection could be opened.","atMs":1795180140323,"failingSinceMs":1795180140323,"counted":"counted"},{"region":"ap-southeast","colo":"SIN","status":"up","reason":null,"message":"Echoed.","atMs":1795180125000,"failingSinceMs":null,"counted":"counted"}]}', 0);
--> statement-breakpoint
CREATE INDEX transitions_incident ON transitions (incident, at_ms);
--> statement-breakpoint
CREATE INDEX transitions_dirty ON transitions (dirty) WHERE dirty = 1;
--> statement-breakpoint
CREATE TABLE deliveries (
      id TEXT PRIMARY KEY, channel TEXT NOT NULL, monitor TEXT, incident TEXT,
      state TEXT NOT NULL, created_at_ms INTEGER NOT NULL, body TEXT NOT NULL,
      dirty INTEGER NOT NULL);
--> statement-breakpoint
INSERT INTO "deliveries" ("id", "channel", "monitor", "incident", "state", "created_at_ms", "body", "dirty") VALUES ('chat-1795179360000.1.ops', 'ops', 'chat', 'chat-1795179360000', 'sent', 1795179360633, '{"id":"chat-1795179360000.1.ops","channel":"ops","alert":"fired","monitor":"chat","incident":"chat-1795179360000","transition":"chat-1795179360000.1","severity":"critical","impact":"down","message":{"alert":"fired","title":"Chat is down in 3 of 4 regions","text":"3 of 4 fresh regions: accept_mismatch since 12:56:00","severity":"critical","monitor":{"id":"chat","name":"Chat","group":null},"incident":{"id":"chat-1795179360000","kind":"down","startedAt":"2026-11-20T12:56:00.000Z","endedAt":null,"durationSeconds":null,"lastedSeconds":1},"seen":{"bad":3,"counted":4},"reason":"accept_mismatch","meaning":"The Sec-WebSocket-Accept value is wrong or missing.","cause":"A server that does not implement RFC 6455, or a cache that replays an old answer.","regions":[{"region":"us-east","label":"US East (Virginia)","status":"down","reason":"accept_mismatch","message":"The Sec-WebSocket-Accept value is wrong or missing.","colo":"IAD","at":"2026-11-20T12:56:00.433Z","counted":true,"evidence":"https://status.example.com/api/v1/monitors/chat/observations/us-east/2026-11-20T12:56:00.433Z/capture"},{"region":"sa-east","label":"South America (São Paulo)","status":"down","reason":"accept_mismatch","message":"The Sec-WebSocket-Accept value is wrong or missing.","colo":"GRU","at":"2026-11-20T12:56:00.433Z","counted":true,"evidence":"https://status.example.com/api/v1/monitors/chat/observations/sa-east/2026-11-20T12:56:00.433Z/capture"},{"region":"eu-central","label":"Europe (Frankfurt)","status":"down","reason":"accept_mismatch","message":"The Sec-WebSocket-Accept value is wrong or missing.","colo":"FRA","at":"2026-11-20T12:56:00.433Z","counted":true,"evidence":"https://status.example.com/api/v1/monitors/chat/observations/eu-central/2026-11-20T12:56:00.433Z/capture"},{"region":"ap-southeast","label":"Asia (Singapore)","status":"up","reason":null,"message":"Echoed.","colo":"SIN","at":"2026-11-20T12:55:45.000Z","counted":true}],"link":"https://status.example.com/incidents/chat-1795179360000","at":"2026-11-20T12:56:00.633Z"},"createdAtMs":1795179360633,"state":"sent","dueAtMs":1795179360633,"attempts":1,"lastAttemptAtMs":1795179360683,"lastStatus":204,"lastError":null,"sentAtMs":1795179360683}', 0);
--> statement-breakpoint
INSERT INTO "deliveries" ("id", "channel", "monitor", "incident", "state", "created_at_ms", "body", "dirty") VALUES ('chat-1795179360000.2.ops', 'ops', 'chat', 'chat-1795179360000', 'sent', 1795179540568, '{"id":"chat-1795179360000.2.ops","channel":"ops","alert":"resolved","monitor":"chat","incident":"chat-1795179360000","transition":"chat-1795179360000.2","severity":"critical","impact":"down","message":{"alert":"resolved","title":"Chat has recovered after 3m1s","text":"All 4 fresh regions up. It was down for 3m1s, 2026-11-20 12:56:00 UTC to 2026-11-20 12:59:00 UTC.","severity":"critical","monitor":{"id":"chat","name":"Chat","group":null},"incident":{"id":"chat-1795179360000","kind":"down","startedAt":"2026-11-20T12:56:00.000Z","endedAt":"2026-11-20T12:59:00.568Z","durationSeconds":181,"lastedSeconds":181},"reason":"accept_mismatch","meaning":"The Sec-WebSocket-Accept value is wrong or missing.","cause":"A server that does not implement RFC 6455, or a cache that replays an old answer.","regions":[{"region":"us-east","label":"US East (Virginia)","status":"up","reason":null,"message":"Echoed.","colo":"IAD","at":"2026-11-20T12:59:00.368Z","counted":true},{"region":"sa-east","label":"South America (São Paulo)","status":"up","reason":null,"message":"Echoed.","colo":"GRU","at":"2026-11-20T12:59:00.368Z","counted":true},{"region":"eu-central","label":"Europe (Frankfurt)","status":"up","reason":null,"message":"Echoed.","colo":"FRA","at":"2026-11-20T12:59:00.368Z","counted":true},{"region":"ap-southeast","label":"Asia (Singapore)","status":"up","reason":null,"message":"Echoed.","colo":"SIN","at":"2026-11-20T12:59:00.368Z","counted":true}],"timeline":[{"at":"2026-11-20T12:56:00.633Z","text":"3 of 4 fresh regions: accept_mismatch since 12:56:00","kind":"incident_opened","to":"down","reason":"accept_mismatch"},{"at":"2026-11-20T12:59:00.568Z","text":"All 4 fresh regions up","kind":"incident_resolved","to":"operational","reason":null}],"link":"https://status.example.com/incidents/chat-1795179360000","at":"2026-11-20T12:59:00.568Z"},"createdAtMs":1795179540568,"state":"sent","dueAtMs":1795179540568,"attempts":1,"lastAttemptAtMs":1795179540618,"lastStatus":204,"lastError":null,"sentAtMs":1795179540618}', 0);
--> statement-breakpoint
INSERT INTO "deliveries" ("id", "channel", "monitor", "incident", "state", "created_at_ms", "body", "dirty") VALUES ('chat-1795180140000.3.ops', 'ops', 'chat', 'chat-1795180140000', 'pending', 1795180140523, '{"id":"chat-1795180140000.3.ops","channel":"ops","alert":"fired","monitor":"chat","incident":"chat-1795180140000","transition":"chat-1795180140000.3","severity":"critical","impact":"down","message":{"alert":"fired","title":"Chat is down in 3 of 4 regions","text":"3 of 4 fresh regions: connect_failed since 13:09:00","severity":"critical","monitor":{"id":"chat","name":"Chat","group":null},"incident":{"id":"chat-1795180140000","kind":"down","startedAt":"2026-11-20T13:09:00.000Z","endedAt":null,"durationSeconds":null,"lastedSeconds":1},"seen":{"bad":3,"counted":4},"reason":"connect_failed","meaning":"No TCP connection could be opened.","cause":"Nothing listens on the port, the host is down, or a firewall rejects the connection.","regions":[{"region":"us-east","label":"US East (Virginia)","status":"down","reason":"connect_failed","message":"No TCP connection could be opened.","colo":"IAD","at":"2026-11-20T13:09:00.323Z","counted":true,"evidence":"https://status.example.com/api/v1/monitors/chat/observations/us-east/2026-11-20T13:09:00.323Z/capture"},{"region":"sa-east","label":"South America (São Paulo)","status":"down","reason":"connect_failed","message":"No TCP connection could be opened.","colo":"GRU","at":"2026-11-20T13:09:00.323Z","counted":true,"evidence":"https://status.example.com/api/v1/monitors/chat/observations/sa-east/2026-11-20T13:09:00.323Z/capture"},{"region":"eu-central","label":"Europe (Frankfurt)","status":"down","reason":"connect_failed","message":"No TCP connection could be opened.","colo":"FRA","at":"2026-11-20T13:09:00.323Z","counted":true,"evidence":"https://status.example.com/api/v1/monitors/chat/observations/eu-central/2026-11-20T13:09:00.323Z/capture"},{"region":"ap-southeast","label":"Asia (Singapore)","status":"up","reason":null,"message":"Echoed.","colo":"SIN","at":"2026-11-20T13:08:45.000Z","counted":true}],"link":"https://status.example.com/incidents/chat-1795180140000","at":"2026-11-20T13:09:00.523Z"},"createdAtMs":1795180140523,"state":"pending","dueAtMs":1795180468030,"attempts":7,"lastAttemptAtMs":1795180308030,"lastStatus":503,"lastError":"no","sentAtMs":null}', 0);
--> statement-breakpoint
CREATE INDEX deliveries_incident ON deliveries (incident);
--> statement-breakpoint
CREATE INDEX deliveries_created ON deliveries (created_at_ms);
--> statement-breakpoint
CREATE INDEX deliveries_pending ON deliveries (state) WHERE state = 'pending';
--> statement-breakpoint
CREATE INDEX deliveries_dirty ON deliveries (dirty) WHERE dirty = 1;
--> statement-breakpoint
CREATE TABLE vote_changes (
      region TEXT NOT NULL, sequence INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (region, sequence)) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE restore_parts (
      part INTEGER NOT NULL, piece INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (part, piece)) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE alert_subjects (id TEXT PRIMARY KEY, body TEXT NOT NULL);
--> statement-breakpoint
INSERT INTO "alert_subjects" ("id", "body") VALUES ('chat-1795180140000', '{"id":"chat-1795180140000","kind":"down","flapping":false,"level":2,"declared":"critical","monitor":{"id":"chat","name":"Chat","group":null,"severity":"critical","notify":null,"labels":{}},"regions":["us-east","sa-east","eu-central"],"reason":"connect_failed","startedAtMs":1795180140000,"levelSinceMs":1795180140523,"endedAtMs":null,"acknowledged":false,"transition":"chat-1795180140000.3","story":{"incident":{"id":"chat-1795180140000","monitor":"chat","kind":"down","worst":"down","reason":"connect_failed","message":"3 of 4 fresh regions: connect_failed since 13:09:00","startedAtMs":1795180140000,"confirmedAtMs":1795180140523,"endedAtMs":null,"acknowledgedAtMs":null,"regions":["us-east","sa-east","eu-central"]},"transition":{"id":"chat-1795180140000.3","monitor":"chat","incident":"chat-1795180140000","atMs":1795180140523,"kind":"incident_opened","from":"operational","to":"down","reason":"connect_failed","message":"3 of 4 fresh regions: connect_failed since 13:09:00","sinceMs":1795180140000,"votes":[{"region":"us-east","colo":"IAD","status":"down","reason":"connect_failed","message":"No TCP connection could be opened.","atMs":1795180140323,"failingSinceMs":1795180140000,"counted":"counted"},{"region":"sa-east","colo":"GRU","status":"down","reason":"connect_failed","message":"No TCP connection could be opened.","atMs":1795180140323,"failingSinceMs":1795180140323,"counted":"counted"},{"region":"eu-central","colo":"FRA","status":"down","reason":"connect_failed","message":"No TCP connection could be opened.","atMs":1795180140323,"failingSinceMs":1795180140323,"counted":"counted"},{"region":"ap-southeast","colo":"SIN","status":"up","reason":null,"message":"Echoed.","atMs":1795180125000,"failingSinceMs":null,"counted":"counted"}]},"certificate":null},"seen":true,"tellings":{"ops":{"waiting":false,"level":2,"atMs":1795180140523,"deliveries":["chat-1795180140000.3.ops"],"reminders":0,"over":false,"decided":{"transition":"chat-1795180140000.3","why":"told in chat-1795180140000.3.ops"}}}}');
--> statement-breakpoint
CREATE TABLE alert_groups (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO "alert_groups" ("id", "body") VALUES ('["ops",""]', '{"key":"[\"ops\",\"\"]","news":{"waitingSinceMs":null,"toldAtMs":[1795180140523]},"ends":{"waitingSinceMs":null,"toldAtMs":[1795179540568]}}');
--> statement-breakpoint
CREATE TABLE decisions (
      id INTEGER PRIMARY KEY, subject TEXT NOT NULL, at_ms INTEGER NOT NULL,
      body TEXT NOT NULL);
--> statement-breakpoint
INSERT INTO "decisions" ("id", "subject", "at_ms", "body") VALUES (1, 'chat-1795179360000', 1795179360633, '{"subject":"chat-1795179360000","transition":"chat-1795179360000.1","channel":"ops","atMs":1795179360633,"alert":"fired","delivery":"chat-1795179360000.1.ops","steps":[{"stage":"tier","passed":true,"why":"down of a critical monitor is critical"},{"stage":"maintenance","passed":true,"why":"no maintenance"},{"stage":"silence","passed":true,"why":"no silence matches"},{"stage":"inhibition","passed":true,"why":"nothing that is open mutes it"},{"stage":"route","passed":true,"why":"no route names the channel, so it hears of everything"},{"stage":"deduplication","passed":true,"why":"the channel has not been told of down"},{"stage":"grouping","passed":true,"why":"nothing more is waited for"}]}');
--> statement-breakpoint
INSERT INTO "decisions" ("id", "subject", "at_ms", "body") VALUES (2, 'chat-1795179360000', 1795179540568, '{"subject":"chat-1795179360000","transition":"chat-1795179360000.2","channel":"ops","atMs":1795179540568,"alert":"resolved","delivery":"chat-1795179360000.2.ops","steps":[{"stage":"deduplication","passed":true,"why":"the channel was told of it"},{"stage":"grouping","passed":true,"why":"nothing more is waited for"}]}');
--> statement-breakpoint
INSERT INTO "decisions" ("id", "subject", "at_ms", "body") VALUES (3, 'chat-1795180140000', 1795180140523, '{"subject":"chat-1795180140000","transition":"chat-1795180140000.3","channel":"ops","atMs":1795180140523,"alert":"fired","delivery":"chat-1795180140000.3.ops","steps":[{"stage":"tier","passed":true,"why":"down of a critical monitor is critical"},{"stage":"maintenance","passed":true,"why":"no maintenance"},{"stage":"silence","passed":true,"why":"no silence matches"},{"stage":"inhibition","passed":true,"why":"nothing that is open mutes it"},{"stage":"route","passed":true,"why":"no route names the channel, so it hears of everything"},{"stage":"deduplication","passed":true,"why":"the channel has not been told of down"},{"stage":"grouping","passed":true,"why":"nothing more is waited for"}]}');
--> statement-breakpoint
CREATE INDEX decisions_subject ON decisions (subject);
--> statement-breakpoint
CREATE INDEX decisions_at ON decisions (at_ms);
--> statement-breakpoint
CREATE TABLE delivery_subjects (
      subject TEXT NOT NULL, delivery TEXT NOT NULL,
      PRIMARY KEY (subject, delivery)) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX delivery_subjects_delivery ON delivery_subjects (delivery);
--> statement-breakpoint
CREATE TABLE "buckets" (
      resolution TEXT NOT NULL, region TEXT NOT NULL, start_ms INTEGER NOT NULL,
      part INTEGER NOT NULL, body TEXT NOT NULL, dirty INTEGER NOT NULL,
      PRIMARY KEY (resolution, region, start_ms, part)) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', '*', 1795179000000, 0, 'chat ,,,,,119740', 0);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', '*', 1795179300000, 0, 'chat ,,,,,119432,,,180568', 0);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', '*', 1795179600000, 0, 'chat ,,,,,300000', 6);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', '*', 1795179900000, 0, 'chat ,,,,,240000,,,60000', 7);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', '*', 1795180200000, 0, 'chat ,,,,,,,,60200', 2);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'ap-southeast', 1795179000000, 0, 'chat 3,3,,,,,,,,,,600,3,1h*3', 0);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'ap-southeast', 1795179300000, 0, 'chat 7,3,,4,,,,,,,,1400,7,1h*7', 0);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'ap-southeast', 1795179600000, 0, 'chat 5,5,,,,,,,,,,1000,5,1h*5', 5);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'ap-southeast', 1795179900000, 0, 'chat 6,4,,2,,,,,,,,1200,6,1h*6', 6);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'ap-southeast', 1795180200000, 0, 'chat 2,,,2,,,,,,,,400,2,1h*2', 2);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'eu-central', 1795179000000, 0, 'chat 3,3,,,,,,,,,,600,3,1h*3', 0);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'eu-central', 1795179300000, 0, 'chat 7,3,,4,,,,,,,,1400,7,1h*7', 0);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'eu-central', 1795179600000, 0, 'chat 5,5,,,,,,,,,,1000,5,1h*5', 5);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'eu-central', 1795179900000, 0, 'chat 6,4,,2,,,,,,,,1200,6,1h*6', 6);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'eu-central', 1795180200000, 0, 'chat 2,,,2,,,,,,,,400,2,1h*2', 2);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'sa-east', 1795179000000, 0, 'chat 3,3,,,,,,,,,,600,3,1h*3', 0);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'sa-east', 1795179300000, 0, 'chat 7,3,,4,,,,,,,,1400,7,1h*7', 0);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'sa-east', 1795179600000, 0, 'chat 5,5,,,,,,,,,,1000,5,1h*5', 5);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'sa-east', 1795179900000, 0, 'chat 6,4,,2,,,,,,,,1200,6,1h*6', 6);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'sa-east', 1795180200000, 0, 'chat 2,,,2,,,,,,,,400,2,1h*2', 2);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'us-east', 1795179000000, 0, 'chat 3,3,,,,,,,,,,600,3,1h*3', 0);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'us-east', 1795179300000, 0, 'chat 7,3,,4,,,,,,,,1400,7,1h*7', 0);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'us-east', 1795179600000, 0, 'chat 5,5,,,,,,,,,,1000,5,1h*5', 5);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'us-east', 1795179900000, 0, 'chat 6,4,,2,,,,,,,,1200,6,1h*6', 6);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('5min', 'us-east', 1795180200000, 0, 'chat 2,,,2,,,,,,,,400,2,1h*2', 2);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('day', '*', 1795132800000, 0, 'chat ,,,,,779172,,,240568', 8);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('day', 'ap-southeast', 1795132800000, 0, 'chat 21,15,,6,,,,,,,,4200,21,1h*l', 4);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('day', 'eu-central', 1795132800000, 0, 'chat 21,15,,6,,,,,,,,4200,21,1h*l', 4);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('day', 'sa-east', 1795132800000, 0, 'chat 21,15,,6,,,,,,,,4200,21,1h*l', 4);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('day', 'us-east', 1795132800000, 0, 'chat 21,15,,6,,,,,,,,4200,21,1h*l', 4);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('hour', '*', 1795176000000, 0, 'chat ,,,,,239172,,,180568', 4);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('hour', '*', 1795179600000, 0, 'chat ,,,,,540000,,,60000', 4);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('hour', 'ap-southeast', 1795176000000, 0, 'chat 10,6,,4,,,,,,,,2000,10,1h*a', 2);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('hour', 'ap-southeast', 1795179600000, 0, 'chat 11,9,,2,,,,,,,,2200,11,1h*b', 2);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('hour', 'eu-central', 1795176000000, 0, 'chat 10,6,,4,,,,,,,,2000,10,1h*a', 2);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('hour', 'eu-central', 1795179600000, 0, 'chat 11,9,,2,,,,,,,,2200,11,1h*b', 2);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('hour', 'sa-east', 1795176000000, 0, 'chat 10,6,,4,,,,,,,,2000,10,1h*a', 2);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('hour', 'sa-east', 1795179600000, 0, 'chat 11,9,,2,,,,,,,,2200,11,1h*b', 2);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('hour', 'us-east', 1795176000000, 0, 'chat 10,6,,4,,,,,,,,2000,10,1h*a', 2);
--> statement-breakpoint
INSERT INTO "buckets" ("resolution", "region", "start_ms", "part", "body", "dirty") VALUES ('hour', 'us-east', 1795179600000, 0, 'chat 11,9,,2,,,,,,,,2200,11,1h*b', 2);
--> statement-breakpoint
CREATE TABLE bulletins (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL);
--> statement-breakpoint
INSERT INTO "bulletins" ("sequence", "body") VALUES (1, '{"id":"chat-1795179360000.1","subject":"chat-1795179360000","monitors":[{"id":"chat","name":"Chat","group":null}],"createdAtMs":1795179360633,"news":{"kind":"incident","event":"began","impact":"down","flapping":false,"reason":"accept_mismatch","regions":["us-east","sa-east","eu-central"],"startedAtMs":1795179360000,"endedAtMs":null},"sequence":1}');
--> statement-breakpoint
INSERT INTO "bulletins" ("sequence", "body") VALUES (2, '{"id":"chat-1795179360000.2","subject":"chat-1795179360000","monitors":[{"id":"chat","name":"Chat","group":null}],"createdAtMs":1795179540568,"news":{"kind":"incident","event":"ended","impact":"down","flapping":false,"reason":"accept_mismatch","regions":["us-east","sa-east","eu-central","ap-southeast"],"startedAtMs":1795179360000,"endedAtMs":1795179540568},"sequence":2}');
--> statement-breakpoint
INSERT INTO "bulletins" ("sequence", "body") VALUES (3, '{"id":"chat-1795180140000.3","subject":"chat-1795180140000","monitors":[{"id":"chat","name":"Chat","group":null}],"createdAtMs":1795180140523,"news":{"kind":"incident","event":"began","impact":"down","flapping":false,"reason":"connect_failed","regions":["us-east","sa-east","eu-central"],"startedAtMs":1795180140000,"endedAtMs":null},"sequence":3}');
--> statement-breakpoint
CREATE TABLE subscribers (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE backup_kept (
      of_table TEXT NOT NULL, k0 NOT NULL, k1 NOT NULL, k2 NOT NULL, k3 NOT NULL,
      kept INTEGER NOT NULL, v0, v1, v2, v3, v4, v5, v6, v7,
      PRIMARY KEY (of_table, k0, k1, k2, k3)) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE "packed" (
      name TEXT NOT NULL, part INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (name, part));
--> statement-breakpoint
INSERT INTO "packed" ("name", "part", "body") VALUES ('tail', 0, '{"cursorMs":1795180305000,"sweptAtMs":1795179780040,"judgedAtMs":1795180308020,"askedAtMs":1795180140323,"newestRunAtMs":1795180305000,"withheld":[],"foldedToMs":1795180200000}');
--> statement-breakpoint
INSERT INTO "packed" ("name", "part", "body") VALUES ('config', 0, '{"version":1,"regions":["us-east","sa-east","eu-central","ap-southeast"],"defaultIntervalMs":60000,"monitors":[{"id":"chat","name":"Chat","url":"wss://chat.example.com/socket","interval":null,"timeout":"10s","headers":{"X-Key":"kept-secret"},"subprotocols":[],"origin":null,"echo":true,"ping":false,"dialogue":[],"expect":{"latency":{}},"transport":null,"compression":false,"redirects":0,"http":false,"regions":null,"quorum":{"raise":"majority","clear":"majority","raiseAfter":1,"clearAfter":1},"severity":"critical","group":null,"public":true,"labels":{},"notify":null,"paused":false}]}');
--> statement-breakpoint
INSERT INTO "packed" ("name", "part", "body") VALUES ('channels', 0, '[{"id":"ops","name":"Operations","kind":"webhook","settings":{"url":"https://alerts.example.com/in","secret":"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}}]');
--> statement-breakpoint
INSERT INTO "packed" ("name", "part", "body") VALUES ('region/us-east', 0, '{"region":"us-east","health":{"region":"us-east","state":"active","sinceMs":1795179180260,"why":"","cause":null,"lastRunAtMs":1795180260000,"controlFailures":0,"controlPasses":22,"disagreements":0,"agreements":19,"misplacements":0,"colo":"IAD","lookedRoundMs":1795180260000},"colo":"IAD","lastRunAtMs":1795180260000,"shards":{"0":{"lastRunAtMs":1795180260000,"lastRoundMs":1795180260000}},"votes":[["chat",1795180260000,"down","No TCP connection could be opened.",200,"IAD",1795180260000,0,0,4,0,1795180140000,1795180140000,"connect","connect_failed","network"]]}');
--> statement-breakpoint
INSERT INTO "packed" ("name", "part", "body") VALUES ('region/sa-east', 0, '{"region":"sa-east","health":{"region":"sa-east","state":"active","sinceMs":1795179180260,"why":"","cause":null,"lastRunAtMs":1795180275000,"controlFailures":0,"controlPasses":23,"disagreements":0,"agreements":20,"misplacements":0,"colo":"GRU","lookedRoundMs":1795180275000},"colo":"GRU","lastRunAtMs":1795180275000,"shards":{"0":{"lastRunAtMs":1795180275000,"lastRoundMs":1795180275000}},"votes":[["chat",1795180275000,"down","No TCP connection could be opened.",200,"GRU",1795180275000,0,0,4,0,1795180140323,1795180140323,"connect","connect_failed","network"]]}');
--> statement-breakpoint
INSERT INTO "packed" ("name", "part", "body") VALUES ('accounts', 0, '{"chat":{"kind":"down","sinceMs":1795180140000,"enteredToMs":1795180260200}}');
--> statement-breakpoint
INSERT INTO "packed" ("name", "part", "body") VALUES ('region/eu-central', 0, '{"region":"eu-central","health":{"region":"eu-central","state":"active","sinceMs":1795179180260,"why":"","cause":null,"lastRunAtMs":1795180290000,"controlFailures":0,"controlPasses":23,"disagreements":0,"agreements":20,"misplacements":0,"colo":"FRA","lookedRoundMs":1795180290000},"colo":"FRA","lastRunAtMs":1795180290000,"shards":{"0":{"lastRunAtMs":1795180290000,"lastRoundMs":1795180290000}},"votes":[["chat",1795180290000,"down","No TCP connection could be opened.",200,"FRA",1795180290000,0,0,4,0,1795180140323,1795180140323,"connect","connect_failed","network"]]}');
--> statement-breakpoint
INSERT INTO "packed" ("name", "part", "body") VALUES ('region/ap-southeast', 0, '{"region":"ap-southeast","health":{"region":"ap-southeast","state":"active","sinceMs":1795179180260,"why":"","cause":null,"lastRunAtMs":1795180305000,"controlFailures":0,"controlPasses":23,"disagreements":0,"agreements":20,"misplacements":0,"colo":"SIN","lookedRoundMs":1795180305000},"colo":"SIN","lastRunAtMs":1795180305000,"shards":{"0":{"lastRunAtMs":1795180305000,"lastRoundMs":1795180305000}},"votes":[["chat",1795180305000,"down","No TCP connection could be opened.",200,"SIN",1795180305000,0,0,4,0,1795180140323,1795180140323,"connect","connect_failed","network"]]}');
--> statement-breakpoint
INSERT INTO "packed" ("name", "part", "body") VALUES ('monitoring', 0, '{"state":"working","sinceMs":1795179182020,"step":1}');
