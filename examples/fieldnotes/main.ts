/** Starts the page, and the service worker that lets it start without a network. */
import './fieldnotes.css';
import { mount } from 'svelte';
import App from './App.svelte';

const target = document.querySelector('#app');
if (target === null) throw new Error('The page has no place for the notes');
mount(App, { target });

// Without one the page works as long as it is open; some browsers have none in private windows.
navigator.serviceWorker?.register('./service-worker.js').catch(() => undefined);
