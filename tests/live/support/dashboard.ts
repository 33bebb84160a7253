// What Grafana's own types say of a dashboard with panels of text and time series. The test puts `check([…])` below, with
// dashboards as literals, so that a key that nobody knows is an error as well.
import type * as grafana from "@grafana/schema";
import type { Dashboard } from "@grafana/schema/dist/esm/raw/dashboard/x/Dashboard_types.gen";
import type * as text from "@grafana/schema/dist/esm/raw/composable/text/panelcfg/x/TextPanelCfg_types.gen";
import type * as series from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

// The same types for JSON, which has the values of enumerations as they are.
type Json<T> = T extends string
  ? `${T}`
  : T extends number
    ? number
    : T extends boolean | null | undefined
      ? T
      : T extends Array<infer Item>
        ? Json<Item>[]
        : T extends object
          ? { [Key in keyof T]: Json<T[Key]> }
          : T;

// Grafana keeps the type of a query of Prometheus in the data source's own package.
interface PrometheusQuery extends grafana.DataQuery {
  datasource: grafana.DataSourceRef;
  expr: string;
  legendFormat?: string;
  instant?: boolean;
  range?: boolean;
  interval?: string;
}

type Panel<Type extends string, Options, Further> = Omit<
  Extract<NonNullable<Dashboard["panels"]>[number], { fieldConfig?: unknown }>,
  "type" | "options" | "fieldConfig" | "targets" | "datasource"
> & { type: Type; options: Options } & Further;

type FieldConfig = Omit<grafana.FieldConfig, "custom" | "thresholds"> & {
  custom: series.FieldConfig;
  // The lowest step has no value: JSON has no -Infinity.
  thresholds: { mode: grafana.ThresholdsMode; steps: { value: number | null; color: string }[] };
};

type Exported = Omit<Dashboard, "panels"> & {
  panels: (
    | Panel<"text", text.Options, unknown>
    | Panel<
        "timeseries",
        series.Options,
        {
          datasource: grafana.DataSourceRef;
          fieldConfig: { defaults: FieldConfig; overrides: [] };
          targets: PrometheusQuery[];
        }
      >
  )[];
};

function check(_: Json<Exported>[]) {}
