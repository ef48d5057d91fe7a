module "in" { source = "./in" }
