/** Starts the page. */
import './atlas.css';
import { mount } from 'svelte';
import App from './App.svelte';

const target = document.querySelector('#app');
if (target === null) throw new Error('The page has no place for the atlas');
mount(App, { target });
