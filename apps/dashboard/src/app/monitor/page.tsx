import type { Metadata } from 'next';
import { MonitorPage } from '../../monitor/monitor-page';

export const metadata: Metadata = { title: 'Monitor' };

export default async function Page() {
  return <MonitorPage />;
}
