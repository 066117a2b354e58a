import { Suspense } from 'react';
import { SearchPage } from '../search/search-page';

export default async function Page() {
  return (
    <Suspense>
      <SearchPage />
    </Suspense>
  );
}
