module "c" {
  source = "./c"
  for_each = toset(["a", "b"])
}
module "n" {
  source = "./c"
  count = 2
}
resource "terraform_data" "r1" {
  for_each = toset(["a", "b"])
  input = module.c[each.key].o
}
resource "terraform_data" "r2" {
  count = 2
  input = module.n[count.index].o
}
resource "terraform_data" "r3" { input = try(module.n[0].o, null) }
resource "terraform_data" "r4" { input = module.n[local.i].o }
module "p" {
  source = "./p"
  for_each = toset(["a", "b"])
  in = module.c[each.key].o
}
locals { i = 1 }
output "o" { value = [for k in ["a", "b"] : module.c[k].o] }
