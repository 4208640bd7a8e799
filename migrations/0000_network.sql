CREATE TABLE `channels` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`settings` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`channel` text NOT NULL,
	`incident` text,
	`state` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `deliveries_created` ON `deliveries` (`created_at_ms`);--> statement-breakpoint
CREATE TABLE `incidents` (
	`id` text PRIMARY KEY NOT NULL,
	`monitor` text NOT NULL,
	`started_at_ms` integer NOT NULL,
	`ended_at_ms` integer,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `incidents_started` ON `incidents` (`started_at_ms`);--> statement-breakpoint
CREATE TABLE `monitors` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`definition` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `published_config` (
	`id` integer PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`published_at_ms` integer NOT NULL,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `rollups` (
	`monitor` text NOT NULL,
	`resolution` text NOT NULL,
	`region` text NOT NULL,
	`bucket_start_ms` integer NOT NULL,
	`observations` integer NOT NULL,
	`up` integer NOT NULL,
	`degraded` integer NOT NULL,
	`down` integer NOT NULL,
	`unknown` integer NOT NULL,
	`operational_ms` integer NOT NULL,
	`degraded_ms` integer NOT NULL,
	`partial_ms` integer NOT NULL,
	`down_ms` integer NOT NULL,
	`unknown_ms` integer NOT NULL,
	`maintenance_ms` integer NOT NULL,
	`latency_sum_ms` real NOT NULL,
	`latency_count` integer NOT NULL,
	PRIMARY KEY(`monitor`, `resolution`, `region`, `bucket_start_ms`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `runs` (
	`scheduled_at_ms` integer NOT NULL,
	`region` text NOT NULL,
	`lane` text NOT NULL,
	`started_at_ms` integer NOT NULL,
	`finished_at_ms` integer NOT NULL,
	`colo` text,
	`config_version` integer NOT NULL,
	`observations` text NOT NULL,
	PRIMARY KEY(`scheduled_at_ms`, `region`, `lane`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `snapshots` (
	`id` integer PRIMARY KEY NOT NULL,
	`generated_at_ms` integer NOT NULL,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `transitions` (
	`id` text PRIMARY KEY NOT NULL,
	`monitor` text NOT NULL,
	`incident` text,
	`at_ms` integer NOT NULL,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `transitions_monitor_at` ON `transitions` (`monitor`,`at_ms`);