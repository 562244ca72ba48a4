/* SPDX-License-Identifier: ISC */

/*
 * The tables of fields: one for each object that is used by another file.
 */

#ifndef TABLES_H
#define TABLES_H

#include "schema.h"

/* config.c */
extern const struct field create_fields[];
void	 supply_create(struct judge *, struct js *root);
check_fn check_create;
extern const struct field commit_fields[];

/* hostconfig.c */
extern const struct field hostconfig_fields[];
extern const struct field update_fields[];
check_fn check_update;

/* resources.c */
extern const struct field resources_fields[];

/* mount.c */
extern const struct field mount_fields[];

/* volume.c */
extern const struct field driver_config_fields[];
extern const struct field volume_create_fields[];

/* network.c */
extern const struct field networking_fields[];
extern const struct field network_create_fields[];
extern const struct field network_connect_fields[];
extern const struct field network_disconnect_fields[];

/* exec.c */
extern const struct field exec_create_fields[];
extern const struct field exec_start_fields[];

#endif /* TABLES_H */
