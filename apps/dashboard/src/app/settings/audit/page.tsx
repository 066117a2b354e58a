import type { Metadata } from 'next';
import { AuditPage } from '../../../settings/audit-page';

export const metadata: Metadata = { title: 'Audit log' };

export default async function Page() {
  return <AuditPage />;
}
