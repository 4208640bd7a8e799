CREATE TABLE `alert_policy` (
	`id` integer PRIMARY KEY NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `silences` (
	`id` text PRIMARY KEY NOT NULL,
	`created_at_ms` integer NOT NULL,
	`ends_at_ms` integer NOT NULL,
	`body` text NOT NULL
);
