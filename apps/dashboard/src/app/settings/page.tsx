import type { Metadata } from 'next';
import { AccessSettings } from '../../settings/access-settings';
import { AppearanceSettings } from '../../settings/appearance-settings';
import { ModelFacts } from '../../settings/model-facts';
import classes from '../../settings/settings.module.css';
import { PageHeader } from '../../ui/page-header';

export const metadata: Metadata = { title: 'Settings' };

export default async function Page() {
  return (
    <div className={classes.page}>
      <PageHeader title="Settings" />
      <ModelFacts />
      <AppearanceSettings />
      <AccessSettings />
    </div>
  );
}
