/**
 * The world in dots with the regions on it. Decoration: the list beside it says the same in words.
 *
 * Land is a bitmap of three degrees a cell, made from Natural Earth's 1:110m land (public domain),
 * in an equirectangular projection: a place's coordinates are its position.
 */
import type { RegionView } from "../view-model/status-view.ts";

/** Degrees of a cell. */
const CELL_DEGREES = 3;
/** Northern edge of the first row, degrees. */
const NORTH_DEGREES = 78;
/** Rows from north to south, each 120 cells from 180° west to 180° east, four to a digit. */
const LAND = [
  "0000192fc7fff80000002003800000",
  "000018bec07ff800000201fff41000",
  "03c003cbf83fe0000c0037ffffff80",
  "7fffffffffffffff80300800000000",
  "03ffffffbc1c0600effffffffffffe",
  "07fffff8300c0003dfffffffffff5c",
  "0083fff83a000022cfffffffffe040",
  "0000fffe3f0000209fffffffff80c0",
  "00007fffbf80005ffffffffffff080",
  "00001ffffc00001ffffffffffff000",
  "00001ffffc00001ffd7bffffffd000",
  "00001ffff800005df877ffffff9000",
  "00001fffe000007073fbfffff60000",
  "00001fffe000007097fbfffffa2000",
  "00000fffc000003e00fffffff0c000",
  "000007ff8000007f98fffffff90000",
  "000001f0800000fffef7fffff80000",
  "000000f0000001fffff8fffff00000",
  "00000060400001ffff7f1fdfc00000",
  "00000072080001ffff3e0f1e800000",
  "0000001e000003ffffbc0e1f080000",
  "00000003000003fffff00607000000",
  "000000011d0001fffff80601000000",
  "000000003f0000fffff80000040000",
  "000000003fe00043fff00008300000",
  "000000003fe00001ffe00006e00000",
  "000000007ff80001ffc00002688000",
  "000000007ffe0000ff800002007000",
  "000000007fff0000ff800000c03800",
  "000000003fff0000ff800000000000",
  "000000001ffe0000ffc80000019000",
  "000000000ffe0000ff98000007d800",
  "0000000007fe0000ff1000000ff800",
  "0000000007fc00007f3000003ffc00",
  "000000000ff000007e0000003ffe00",
  "000000000ff000007e0000003ffe00",
  "000000000fe000003c0000001ffe00",
  "000000000fc0000020000000103c00",
  "000000001f80000000000000001c02",
  "000000001e00000000000000000002",
  "000000000c00000000000000000004",
  "000000001c00000000000000000008",
  "000000001800000000000000000000",
  "000000001800000000000000000000",
] as const;
const COLUMNS = 360 / CELL_DEGREES;

/** Dashed lines whose dashes are dots: `M` and `H` for each unbroken stretch of land. */
const LAND_PATH = LAND.map((row, y) => {
  const cells = [...row].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, "0"));
  return [...cells.join("").matchAll(/1+/g)]
    .map((land) => `M${land.index + 0.5} ${y + 0.5}h${Math.max(0.01, land[0].length - 1)}`)
    .join("");
}).join("");

/** The map. */
export const WorldMap = ({ regions }: { regions: readonly RegionView[] }) => (
  <svg class="map" viewBox={`0 0 ${COLUMNS} ${LAND.length}`} aria-hidden="true" focusable="false">
    <path class="land" d={LAND_PATH} />
    {regions.map((region) => {
      const x = ((region.longitude + 180) / CELL_DEGREES).toFixed(1);
      const y = ((NORTH_DEGREES - region.latitude) / CELL_DEGREES).toFixed(1);
      return (
        <g class={`tone-${region.tone}`}>
          <circle class="halo" cx={x} cy={y} r="2.4" />
          <circle cx={x} cy={y} r="1.1" />
        </g>
      );
    })}
  </svg>
);
