/** The page's name in the tab, with the clinic's behind it. */
import { useEffect } from 'react';
import { useFrame } from '../session/use-viewer.ts';

export function usePageTitle(title: string): void {
  const { clinic } = useFrame();
  const clinicName = clinic?.name;
  useEffect(() => {
    document.title = clinicName === undefined ? title : `${title} · ${clinicName}`;
  }, [title, clinicName]);
}
