variable "v" {
  default = "1"
}
module "a" {
  source = "./a"
  v      = var.v
}
module "b" {
  source = "./a"
  v      = module.a.id
}
module "c" {
  source = "./c"
  v      = module.b.id
}
