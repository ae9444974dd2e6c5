// SPDX-License-Identifier: GPL-2.0
/*
 * Writes the golden vectors as first inputs of the fuzz target parse, each in a
 * few scenes. usage: seeds FOLDER
 */
#include <stdio.h>

#include "../unit/wire_vectors.h"
#include "scene.h"

static const unsigned char scenes[] = {
	0, SCENE_DOOR, SCENE_DOOR | SCENE_SIGNED, SCENE_DOOR | SCENE_HALF, SCENE_TW,
};

int main(int argc, char **argv)
{
	unsigned char input[SCENE_BYTES + 1024];
	unsigned int vector, scene;
	char path[4096];
	FILE *file;
	int len;

	if (argc != 2)
		return 1;
	for (vector = 0; vector < WIRE_VECTOR_MAX; vector++) {
		len = wire_hex(wire_vectors[vector], input + SCENE_BYTES,
			       sizeof(input) - SCENE_BYTES);
		if (len < 0)
			return 1;
		for (scene = 0; scene < sizeof(scenes); scene++) {
			input[0] = scenes[scene];
			input[1] = 0;
			snprintf(path, sizeof(path), "%s/%u-%u", argv[1], vector, scene);
			file = fopen(path, "w");
			if (!file || fwrite(input, SCENE_BYTES + len, 1, file) != 1 ||
			    fclose(file)) {
				perror(path);
				return 1;
			}
		}
	}
	return 0;
}
