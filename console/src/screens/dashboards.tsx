// Dashboards: found, opened, begun.

import { DASHBOARDS, putDashboard, useDashboards } from "../api/kept";
import { useZone } from "../app/place";
import { Link, useGo } from "../app/router";
import { shown } from "../time/zone";
import { Button, Card, css, Dialog, Empty, Field, number, Page, Problem, Table } from "../ui/basics";
import { Shown } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { useChange } from "../ui/confirm";
import { useKept } from "../ui/edited";
import { kept as words } from "../words/kept";

export default function Dashboards() {
  const asked = useDashboards();
  const zone = useZone();
  const [isNew, setNew] = useKept("/dashboards", () => false);
  return (
    <Page title={words.dashboards} about={words.dashboardsAbout} actions={<Button kind="main" onClick={() => setNew(true)}>{words.newDashboard}</Button>}>
      <Shown asked={asked}>
        {(all) => (
          <Card title={words.dashboards} flush foot={<AsCall path="/api/dashboards" />}>
            {all.length === 0 ? <Empty title={words.noDashboards}>{words.noDashboardsHint}</Empty> : (
              <Table label={words.dashboards} heads={[words.name, words.tiles, words.owner, words.changed]} numbers={[1]}>
                {[...all].sort((one, other) => one.name.localeCompare(other.name)).map((one) => (
                  <tr key={one.id}>
                    <td><Link to="/dashboards/$id" params={{ id: one.id }}>{one.name}</Link>{one.note && <div className={css.quiet}>{one.note}</div>}</td>
                    <td className={css.number}>{number(one.tiles.length)}</td>
                    <td className={css.quiet}>{one.owner}</td>
                    <td className={css.time}>{shown(one.changed, zone, "minute")}</td>
                  </tr>
                ))}
              </Table>
            )}
          </Card>
        )}
      </Shown>
      {isNew && <New onClose={() => setNew(false)} />}
    </Page>
  );
}

function New({ onClose }: { onClose: () => void }) {
  const [name, setName] = useKept("/dashboards/", () => "");
  const go = useGo();
  const make = useChange(async () => go({ to: "/dashboards/$id", params: { id: await putDashboard({ name }) } }), [DASHBOARDS], onClose);
  return (
    <Dialog title={words.newDashboard} onClose={onClose}>
      <form className={css.stack} onSubmit={(event) => (event.preventDefault(), make.mutate(undefined))}>
        <Field label={words.name} required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
        {make.error && <Problem error={make.error} />}
        <div className={css.dialogFoot}><Button kind="main" type="submit" disabled={make.isPending}>{words.make}</Button></div>
      </form>
    </Dialog>
  );
}
