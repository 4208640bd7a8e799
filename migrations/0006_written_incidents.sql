CREATE TABLE `incident_templates` (
	`id` text PRIMARY KEY NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`definition` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `written_incidents` (
	`id` text PRIMARY KEY NOT NULL,
	`started_at_ms` integer NOT NULL,
	`resolved_at_ms` integer,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`definition` text NOT NULL
);
