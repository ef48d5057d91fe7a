resource "terraform_data" "a" {
  count = 2
  input = count.index
}
resource "terraform_data" "b" {
  for_each = toset(["0", "1"])
  input    = each.key
}
module "m" {
  source   = "./m"
  for_each = toset(["0"])
}
module "c" {
  source = "./m"
  count  = 1
}
output "o" {
  value = [terraform_data.a["1"].input, terraform_data.b[1].input, module.m[0].y, module.c["0"].y]
}
