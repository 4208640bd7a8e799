CREATE TABLE `rollup_blocks` (
	`resolution` text NOT NULL,
	`monitor` text NOT NULL,
	`start_ms` integer NOT NULL,
	`body` text NOT NULL,
	PRIMARY KEY(`resolution`, `monitor`, `start_ms`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `rollup_blocks` (`resolution`, `monitor`, `start_ms`, `body`)
SELECT `resolution`, `monitor`, `block_ms`, json_group_array(json_array(`region`, `period`, `row`))
FROM (
	SELECT `resolution`, `monitor`, `region`,
		`bucket_start_ms` - `bucket_start_ms` % 86400000 AS `block_ms`,
		`bucket_start_ms` % 86400000 / 3600000 AS `period`,
		rtrim(ifnull(nullif(`observations`, 0), '') || ',' ||
		ifnull(nullif(`up`, 0), '') || ',' ||
		ifnull(nullif(`degraded`, 0), '') || ',' ||
		ifnull(nullif(`down`, 0), '') || ',' ||
		ifnull(nullif(`unknown`, 0), '') || ',' ||
		ifnull(nullif(`operational_ms`, 0), '') || ',' ||
		ifnull(nullif(`degraded_ms`, 0), '') || ',' ||
		ifnull(nullif(`partial_ms`, 0), '') || ',' ||
		ifnull(nullif(`down_ms`, 0), '') || ',' ||
		ifnull(nullif(`unknown_ms`, 0), '') || ',' ||
		ifnull(nullif(`maintenance_ms`, 0), '') || ',' ||
		ifnull(nullif(`latency_sum_ms`, 0), '') || ',' ||
		ifnull(nullif(`latency_count`, 0), ''), ',') AS `row`
	FROM `rollups`
	ORDER BY `region`, `bucket_start_ms`
)
GROUP BY `resolution`, `monitor`, `block_ms`;
