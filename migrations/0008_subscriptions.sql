CREATE TABLE `subscription_attempts` (
	`key` text PRIMARY KEY NOT NULL,
	`count` integer NOT NULL,
	`until_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `subscriptions` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`digest` text,
	`page` text NOT NULL,
	`monitors` text,
	`language` text NOT NULL,
	`target` text,
	`created_at_ms` integer NOT NULL,
	`confirmed_at_ms` integer,
	`ended_at_ms` integer,
	`ended_why` text,
	`revision` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `subscriptions_digest` ON `subscriptions` (`digest`);--> statement-breakpoint
CREATE INDEX `subscriptions_revision` ON `subscriptions` (`revision`);--> statement-breakpoint
CREATE INDEX `subscriptions_state` ON `subscriptions` (`state`,`created_at_ms`);